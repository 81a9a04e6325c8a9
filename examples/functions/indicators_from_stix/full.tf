locals {
  # STIX does not say what devices are to do.
  campaign = provider::mde::indicators_from_stix(file("${path.module}/bundle.json"), {
    action   = "Block"
    severity = "High"
    title    = "Payroll phishing, INC-1042"
  })
}

resource "mde_indicator_set" "campaign" {
  for_each = local.campaign.groups

  action          = each.value.action
  title           = each.value.title
  description     = each.value.description
  severity        = each.value.severity
  expiration_time = each.value.expiration_time
  generate_alert  = each.value.generate_alert
  indicator_type  = each.value.indicator_type
  indicators      = each.value.indicators
}

output "skipped" {
  value = local.campaign.skipped
}
