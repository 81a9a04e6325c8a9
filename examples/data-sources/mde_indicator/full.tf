# By what the service keys a record by, in any spelling that means the same. It
# finds records of the portal, too.
data "mde_indicator" "by_key" {
  indicator_type  = "DomainName"
  indicator_value = "Login.Contoso-Payroll.example"
  action          = "Block"

  depends_on = [mde_indicator.domain]
}

output "provenance" {
  value = {
    by    = coalesce(data.mde_indicator.by_key.created_by_display_name, data.mde_indicator.by_key.created_by)
    from  = data.mde_indicator.by_key.created_by_source
    since = data.mde_indicator.by_key.creation_time
    until = data.mde_indicator.by_key.expiration_time
  }
}
