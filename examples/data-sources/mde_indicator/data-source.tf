resource "mde_indicator" "domain" {
  indicator_type  = "DomainName"
  indicator_value = "login.contoso-payroll.example"
  action          = "Block"
  title           = "Credential phishing"
  description     = "Lookalike of the payroll portal, INC-1042."
}

data "mde_indicator" "by_id" {
  id = mde_indicator.domain.id
}

# By what the service keys a record by. It finds records of the portal, too.
data "mde_indicator" "by_key" {
  indicator_type  = "DomainName"
  indicator_value = "Login.Contoso-Payroll.example"
  action          = "Block"

  depends_on = [mde_indicator.domain]
}

output "provenance" {
  value = "${data.mde_indicator.by_id.created_by} at ${data.mde_indicator.by_key.creation_time}"
}
