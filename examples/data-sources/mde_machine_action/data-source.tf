resource "mde_live_response_run" "collect" {
  machine_id = "1e5a6e3f0c7b4d2f9a8b7c6d5e4f3a2b1c0d9e8f"
  comment    = "INC-1042: collect"
  commands   = [{ type = "GetFile", path = "C:\\Windows\\Temp\\INC-1042.zip" }]
}

data "mde_machine_action" "collect" {
  id = mde_live_response_run.collect.id
}

output "status" {
  value = data.mde_machine_action.collect.status
}
