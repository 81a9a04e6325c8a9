locals {
  # Which devices: names and ids that were reviewed with the rest. A list from a
  # data source would run code on whatever is tagged by the time of the apply.
  fleet = jsondecode(file("${path.module}/fleet.json"))
}

resource "mde_library_file" "triage" {
  source                 = "${path.module}/scripts/Collect-Triage.ps1"
  description            = "Writes what a first look at a device needs into one archive."
  parameters_description = "-CaseId: goes into the name of the archive"
  line_endings           = "lf"
}

resource "mde_live_response_run" "triage" {
  for_each = local.fleet

  machine_id = each.value
  comment    = "${var.case}: triage of ${each.key}"

  commands = [
    {
      type        = "RunScript"
      script_name = mde_library_file.triage.file_name
      args        = "-CaseId ${var.case}"
      sha256      = mde_library_file.triage.sha256 # Starts only if the library holds that very content.
    },
    { type = "GetFile", path = "C:\\Windows\\Temp\\${var.case}.zip" },
  ]

  triggers = { requested = var.requested }

  # One device that fails or is off holds nothing up: the check below names it.
  on_failure      = "continue"
  on_timeout      = "leave"
  pending_timeout = var.pending_timeout

  # The state keeps little of what the script prints; the archives go to the disk.
  max_output_bytes  = 1024
  results_directory = var.evidence
}

locals {
  failed     = [for name, run in mde_live_response_run.triage : name if run.succeeded == false]
  pending    = [for name, run in mde_live_response_run.triage : name if run.succeeded == null]
  unreviewed = [for id, machine in data.mde_machines.tagged.machines : machine.computer_dns_name if !contains(values(local.fleet), id)]
}

check "collected" {
  assert {
    condition     = length(local.failed) == 0
    error_message = "Failed on ${join(", ", local.failed)}: see the output results, and change requested to run again."
  }

  assert {
    condition     = length(local.pending) == 0
    error_message = "Not ended on ${join(", ", local.pending)}: apply again when they are back."
  }
}

data "mde_machines" "tagged" {
  tag           = var.tag
  health_status = "Active"
}

# Tells of devices that were tagged since the review. Nothing runs on them.
check "fleet_is_current" {
  assert {
    condition     = length(local.unreviewed) == 0
    error_message = "Tagged ${var.tag} and not in fleet.json: ${join(", ", local.unreviewed)}."
  }
}
