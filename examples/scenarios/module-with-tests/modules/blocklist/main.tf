locals {
  values  = [for value in compact(var.values) : provider::mde::refang(trimspace(value))]
  invalid = [for value in local.values : value if !can(provider::mde::indicator_type(value))]
}

resource "mde_indicator_set" "this" {
  action         = var.action
  generate_alert = true
  severity       = "High"
  title          = "Blocklist of ${var.case}"
  description    = "Reported in ${var.case}."
  application    = var.case
  expires_in     = var.expires_in

  indicators = provider::mde::normalize_indicators(setsubtract(local.values, local.invalid))

  lifecycle {
    precondition {
      condition     = length(local.invalid) == 0
      error_message = "These values cannot be indicators: ${join(", ", local.invalid)}. Ranges and wildcards cannot, for example."
    }
  }
}
