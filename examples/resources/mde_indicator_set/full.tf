# The type of each value is inferred. A note that is not empty is that record's
# description.
resource "mde_indicator_set" "incident" {
  action      = "Block"
  title       = "Credential phishing, INC-1042"
  description = "Infrastructure of the payroll phishing of March."
  severity    = "High"
  application = "INC-1042"

  expires_in          = "90d"
  renew_before        = "14d"
  adopt_existing      = true
  rbac_group_names    = ["Workstations"]
  recommended_actions = "Reset the password of whoever opened the link."

  indicators = {
    "login.contoso-payroll.example"           = "Lookalike of the payroll portal"
    "https://files.contoso-share.example/doc" = "Lure in the mail"
    "203.0.113.7"                             = ""
    "2001:db8::7"                             = null
  }
}

# A feed in a CSV file. Values that compare equal must come only once.
resource "mde_indicator_set" "feed" {
  action         = "BlockAndRemediate"
  generate_alert = true
  title          = "Malware feed"
  description    = "Hash from the weekly feed."
  indicator_type = "FileSha256"

  indicators = {
    for row in csvdecode(file("${path.module}/feed.csv")) : lower(row.sha256) => row.family
  }
}
