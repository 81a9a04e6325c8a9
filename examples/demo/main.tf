# An incident as code: the script that responders run, the indicators that the
# tenant blocks, and one reviewed run. `make demo` takes it through its life
# against a simulated tenant; with the MDE_ variables of a real one it works there.

terraform {
  required_providers {
    mde = {
      source = "mde-as-code/mde"
    }
  }
}

locals {
  case = "INC-1042"

  indicators = {
    "login.contoso-payroll.example"                                    = { type = "DomainName", action = "Block" }
    "https://files.contoso-share.example/invoice"                      = { type = "Url", action = "Warn" }
    "203.0.113.7"                                                      = { type = "IpAddress", action = "Block" }
    "7d865e959b2466918c9863afca942d0fb89d7c9ac0c99bafc3749504ded97730" = { type = "FileSha256", action = "BlockAndRemediate" }
    "6367c48dd193d56ea7b0baad25b19455e529f5ee"                         = { type = "CertificateThumbprint", action = "BlockAndRemediate" }
  }
}

resource "mde_library_file" "triage" {
  file_name              = "Collect-Triage.ps1"
  content                = file("${path.module}/Collect-Triage.ps1")
  description            = "First look at a device."
  parameters_description = "-CaseId: goes into the name of the archive"
}

resource "mde_indicator" "case" {
  for_each = local.indicators

  indicator_value = each.key
  indicator_type  = each.value.type
  action          = each.value.action
  title           = local.case
  description     = "Seen in ${local.case}."
  application     = local.case
  severity        = "High"
}

data "mde_machine" "suspect" {
  computer_dns_name = "desktop-01.contoso.com"
}

resource "mde_live_response_run" "triage" {
  machine_id = data.mde_machine.suspect.id
  comment    = "${local.case}: first look"

  commands = [
    {
      type        = "RunScript"
      script_name = mde_library_file.triage.file_name
      args        = "-CaseId ${local.case}"
      sha256      = mde_library_file.triage.sha256 # The run starts only if the library holds what was reviewed.
    },
  ]
}

output "exit_code" {
  value = mde_live_response_run.triage.results[0].exit_code
}

output "result_urls" {
  value     = mde_live_response_run.triage.result_urls
  sensitive = true
}
