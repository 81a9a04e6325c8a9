locals {
  # While the campaign goes on, an apply renews what is about to end. Afterwards
  # everything runs out, without a diff and without another apply.
  renew_before = var.active ? var.renew_before : null
}

# What shares its settings: one line of plan for each value.
resource "mde_indicator_set" "infrastructure" {
  action              = "Block"
  generate_alert      = true
  severity            = "High"
  title               = "Payroll phishing, ${var.case}"
  description         = "Infrastructure of the payroll phishing."
  recommended_actions = "Reset the password of whoever opened the link."
  application         = var.case
  expires_in          = var.expires_in
  renew_before        = local.renew_before

  indicators = {
    "login.contoso-payroll.example"           = "Lookalike of the payroll portal"
    "contoso-payroll-support.example"         = "Lookalike of the payroll portal"
    "https://files.contoso-share.example/doc" = "Lure in the mail"
    "203.0.113.7"                             = "" # The shared description.
  }
}

# What has settings of its own.
resource "mde_indicator" "loader" {
  indicator_type      = "FileSha256"
  indicator_value     = "7d865e959b2466918c9863afca942d0fb89d7c9ac0c99bafc3749504ded97730"
  action              = "BlockAndRemediate"
  generate_alert      = true
  severity            = "High"
  title               = "Loader of ${var.case}"
  description         = "Dropped by the lure."
  recommended_actions = "Isolate the device and collect triage data."
  application         = var.case
  expires_in          = var.expires_in
  renew_before        = local.renew_before
}

resource "mde_indicator" "exfiltration" {
  indicator_type  = "Url"
  indicator_value = "https://paste.fabrikam.example"
  action          = "Warn"
  title           = "Text sharing, ${var.case}"
  description     = "Used to pass stolen data on, and by honest people too."
  educate_url     = "https://intranet.contoso.com/file-sharing"
  application     = var.case
  expires_in      = var.expires_in
  renew_before    = local.renew_before
}

resource "mde_indicator" "suspected" {
  indicator_type  = "IpAddress"
  indicator_value = "203.0.113.21"
  action          = "Audit"
  title           = "Suspected command and control, ${var.case}"
  description     = "Alert only, until it is confirmed."
  application     = var.case
  expires_in      = "14d" # Confirmed by then, or forgotten.
}
