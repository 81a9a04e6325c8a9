# Writes fleet.json: the devices of a tag, for a pull request.

variable "tag" {
  description = "Tag of the fleet's devices in Defender."
  type        = string
  default     = "finance"

  validation {
    condition     = length(var.tag) > 0
    error_message = "Without a tag the whole tenant would be listed."
  }
}

data "mde_machines" "fleet" {
  tag           = var.tag
  health_status = "Active"
}

locals {
  fleet = { for id, machine in data.mde_machines.fleet.machines : machine.computer_dns_name => id }
}

output "fleet" {
  description = "What fleet.json is to hold: names and machine ids, one device a line for the reviewer."
  value       = "{\n${join(",\n", [for name, id in local.fleet : "  ${jsonencode(name)}: ${jsonencode(id)}"])}\n}\n"
}
