output "indicators" {
  description = "How many values each set holds."
  value       = { for key, set in mde_indicator_set.feed : key => length(set.indicators) }
}

output "expired" {
  description = "Groups of the feed that have expired and are left out."
  value       = setsubtract(keys(local.feed.groups), keys(local.current))
}

output "skipped" {
  description = "Rows of the feed that cannot be indicators, with the reason."
  value       = local.feed.skipped
}
