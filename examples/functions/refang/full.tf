resource "mde_indicator" "lure" {
  indicator_value = provider::mde::refang("hxxps://files[.]contoso-share[.]example/doc")
  indicator_type  = "Url"
  action          = "Block"
  title           = "Payroll phishing, INC-1042"
  description     = "Lure in the mail."
}
