output "tenant_id" {
  description = "The tenant that was signed in to."
  value       = data.mde_client_config.this.tenant_id
}

output "scripts" {
  description = "Names of the scripts in the tenant's library."
  value       = keys(mde_library_file.script)
}

output "indicators" {
  description = "How many values of the blocklist the tenant holds."
  value       = length(mde_indicator_set.blocklist.indicators)
}
