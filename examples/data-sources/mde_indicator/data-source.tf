resource "mde_indicator" "domain" {
  indicator_type  = "DomainName"
  indicator_value = "login.contoso-payroll.example"
  action          = "Block"
  title           = "Credential phishing"
  description     = "Lookalike of the payroll portal, INC-1042."
}

data "mde_indicator" "domain" {
  id = mde_indicator.domain.id
}

output "created_by" {
  value = data.mde_indicator.domain.created_by
}
