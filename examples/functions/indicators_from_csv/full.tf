locals {
  feed = provider::mde::indicators_from_csv(file("${path.module}/indicators.csv"), {
    application = "weekly-feed"
  })
}

# One set for each combination of settings that the rows have.
resource "mde_indicator_set" "feed" {
  for_each = local.feed.groups

  action              = each.value.action
  title               = each.value.title
  description         = each.value.description
  severity            = each.value.severity
  application         = each.value.application
  expiration_time     = each.value.expiration_time
  recommended_actions = each.value.recommended_actions
  generate_alert      = each.value.generate_alert
  rbac_group_names    = each.value.rbac_group_names
  indicator_type      = each.value.indicator_type
  indicators          = each.value.indicators
}

# What is in the file and not in the tenant, with the reason.
output "skipped" {
  value = local.feed.skipped
}
