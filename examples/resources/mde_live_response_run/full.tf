data "mde_machine" "device" {
  id = "1e5a6e3f0c7b4d2f9a8b7c6d5e4f3a2b1c0d9e8f"
}

resource "mde_library_file" "triage" {
  source                 = "${path.module}/scripts/Collect-Triage.ps1"
  parameters_description = "-CaseId: goes into the name of the archive"
}

# Runs once, and again only when the machine, a command or a trigger changes.
# With sha256 it starts only if the library holds that very content.
resource "mde_live_response_run" "triage" {
  machine_id = data.mde_machine.device.id
  comment    = "INC-1042: first look"

  commands = [
    {
      type        = "RunScript"
      script_name = mde_library_file.triage.file_name
      args        = "-CaseId INC-1042"
      sha256      = mde_library_file.triage.sha256
    },
    { type = "GetFile", path = "C:\\Windows\\Temp\\INC-1042.zip" },
  ]

  triggers = {
    requested = "2026-11-20"
  }

  # A device that is off holds nothing up, and a failure is recorded.
  pending_timeout = "1h"
  on_timeout      = "leave"
  on_failure      = "continue"
  queue_timeout   = "4h"

  # The state keeps no more than the beginning of what the script prints; the
  # whole of it and the archive are written to the local disk.
  max_output_bytes  = 1024
  results_directory = "${path.root}/evidence"

  timeouts = {
    create = "45m"
  }
}

output "exit_code" {
  value = mde_live_response_run.triage.results[0].exit_code
}

# Links to the results, valid for 30 minutes.
output "result_urls" {
  value     = mde_live_response_run.triage.result_urls
  sensitive = true
}
