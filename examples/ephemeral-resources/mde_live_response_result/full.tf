# Of the first command of the run above.
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
