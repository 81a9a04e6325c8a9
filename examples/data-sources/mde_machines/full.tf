# The active Windows devices of one group.
data "mde_machines" "finance" {
  name_prefix     = "fin-"
  health_status   = "Active"
  rbac_group_name = "Finance"
}

# One run on each of them.
resource "mde_live_response_run" "collect" {
  for_each = toset(data.mde_machines.finance.ids)

  machine_id = each.value
  comment    = "INC-1042: collect from the finance fleet"
  commands   = [{ type = "GetFile", path = "C:\\Windows\\Temp\\INC-1042.zip" }]
  on_failure = "continue"
}

output "devices" {
  value = { for id, machine in data.mde_machines.finance.machines : machine.computer_dns_name => machine.last_seen }
}
