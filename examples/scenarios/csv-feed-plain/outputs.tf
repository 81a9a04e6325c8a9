output "indicators" {
  description = "How many hashes of the feed the tenant holds."
  value       = length(mde_indicator_set.feed.indicators)
}
