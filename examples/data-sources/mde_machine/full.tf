data "mde_machine" "checked" {
  id = "1e5a6e3f0c7b4d2f9a8b7c6d5e4f3a2b1c0d9e8f"

  lifecycle {
    # Live response reaches a device whose sensor reports.
    postcondition {
      condition     = self.health_status == "Active"
      error_message = "${self.computer_dns_name} is ${self.health_status}, last seen ${self.last_seen}."
    }
  }
}

output "device" {
  value = {
    name = data.mde_machine.checked.computer_dns_name
    os   = data.mde_machine.checked.os_platform
    tags = data.mde_machine.checked.machine_tags
  }
}
