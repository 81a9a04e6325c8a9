resource "mde_indicator" "lure" {
  indicator_type  = "Url"
  indicator_value = "https://files.contoso-share.example/doc"
  action          = "Block"
  title           = "Payroll phishing"
  description     = "Lure in the mail, INC-1042."
}

# By what the service keys a record by, in any spelling that means the same. It
# finds records of the portal, too.
data "mde_indicator" "by_key" {
  indicator_type  = "Url"
  indicator_value = "https://Files.Contoso-Share.example/doc"
  action          = "Block"

  depends_on = [mde_indicator.lure]
}

output "provenance" {
  value = {
    by    = coalesce(data.mde_indicator.by_key.created_by_display_name, data.mde_indicator.by_key.created_by)
    from  = data.mde_indicator.by_key.created_by_source
    since = data.mde_indicator.by_key.creation_time
    until = data.mde_indicator.by_key.expiration_time
  }
}
