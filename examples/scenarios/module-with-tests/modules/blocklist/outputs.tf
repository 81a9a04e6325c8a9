output "values" {
  description = "The values in their normal spelling."
  value       = keys(mde_indicator_set.this.indicators)
}

output "application" {
  description = "What the records are filed under in the tenant."
  value       = mde_indicator_set.this.application
}
