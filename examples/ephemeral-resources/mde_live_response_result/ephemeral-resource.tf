resource "mde_live_response_run" "collect" {
  machine_id = "1e5a6e3f0c7b4d2f9a8b7c6d5e4f3a2b1c0d9e8f"
  comment    = "INC-1042: collect"
  commands   = [{ type = "GetFile", path = "C:\\Windows\\Temp\\INC-1042.zip" }]
}

# A fresh link at every apply, and nothing of it in the state.
ephemeral "mde_live_response_result" "evidence" {
  action_id = mde_live_response_run.collect.id
  index     = 0
}

# Hands the evidence on: the command sees the link, the log does not.
resource "terraform_data" "upload" {
  triggers_replace = mde_live_response_run.collect.id

  provisioner "local-exec" {
    command     = "./scripts/upload.sh"
    environment = { EVIDENCE_URL = ephemeral.mde_live_response_result.evidence.url }
  }
}
