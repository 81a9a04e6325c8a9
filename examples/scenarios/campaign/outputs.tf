output "indicators" {
  description = "How many indicators the campaign has, those that have expired included."
  value       = length(mde_indicator_set.infrastructure.indicators) + 3
}

output "expired" {
  description = "How many values of the infrastructure have run out."
  value       = mde_indicator_set.infrastructure.expired_count
}

output "ends" {
  description = "When the loader's record ends, unless it is renewed."
  value       = mde_indicator.loader.expiration_time
}
