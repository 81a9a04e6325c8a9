locals {
  # The application tells the feed's records from others', also while a row moves
  # from one set to another.
  feed = provider::mde::indicators_from_csv(file(var.feed), { application = var.application })

  # The service refuses rows that have expired.
  current = {
    for key, group in local.feed.groups : key => group
    if group.expiration_time == null ? true : timecmp(group.expiration_time, plantimestamp()) > 0
  }
}

# One set for each combination of settings that the rows have.
resource "mde_indicator_set" "feed" {
  for_each = local.current

  action              = each.value.action
  title               = each.value.title
  description         = each.value.description
  severity            = each.value.severity
  application         = each.value.application
  expiration_time     = each.value.expiration_time
  recommended_actions = each.value.recommended_actions
  educate_url         = each.value.educate_url
  generate_alert      = each.value.generate_alert
  rbac_group_names    = each.value.rbac_group_names
  indicator_type      = each.value.indicator_type
  indicators          = each.value.indicators
}

check "feed_is_complete" {
  assert {
    condition     = length(local.feed.skipped) == 0
    error_message = join("\n", [for skip in local.feed.skipped : "Row ${skip.row} of ${var.feed}: ${skip.reason}"])
  }
}
