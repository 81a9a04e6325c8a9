resource "mde_indicator" "domain" {
  indicator_type  = "DomainName"
  indicator_value = "login.contoso-payroll.example"
  action          = "Block"
  title           = "Credential phishing"
  description     = "Lookalike of the payroll portal, INC-1042."
}
