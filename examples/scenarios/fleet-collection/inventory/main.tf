# Writes fleet.json: the devices of a tag, for a pull request.

variable "tag" {
  description = "Tag of the fleet's devices in Defender."
  type        = string
  default     = "finance"
}

data "mde_machines" "fleet" {
  tag           = var.tag
  health_status = "Active"
}

output "fleet" {
  description = "The machine ids by name."
  value       = { for id, machine in data.mde_machines.fleet.machines : machine.computer_dns_name => id }
}
