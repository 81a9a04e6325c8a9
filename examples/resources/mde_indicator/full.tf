resource "mde_indicator" "payload" {
  indicator_type      = "FileSha256"
  indicator_value     = "7d865e959b2466918c9863afca942d0fb89d7c9ac0c99bafc3749504ded97730"
  action              = "BlockAndRemediate"
  title               = "Loader of INC-1042"
  description         = "Dropped by the phishing mail of 12 March."
  severity            = "High"
  application         = "INC-1042"
  generate_alert      = true
  recommended_actions = "Isolate the device and collect triage data."
  rbac_group_names    = ["Workstations"]
  expiration_time     = "2035-12-31T00:00:00Z"
}

# Users get a notice with a link, and may go on.
resource "mde_indicator" "url" {
  indicator_type  = "Url"
  indicator_value = "https://files.contoso-share.example/invoice"
  action          = "Warn"
  title           = "Unsanctioned file sharing"
  description     = "Use the sanctioned service instead."
  educate_url     = "https://intranet.contoso.com/file-sharing"
}

resource "mde_indicator" "address" {
  indicator_type  = "IpAddress"
  indicator_value = "203.0.113.7"
  action          = "Audit"
  generate_alert  = true
  title           = "Suspected command and control"
  description     = "Alert only, until it is confirmed."
}

# Lives for 30 days, and a week before its end an apply renews it.
resource "mde_indicator" "certificate" {
  indicator_type  = "CertificateThumbprint"
  indicator_value = "b1bc968bd4f49d622aa89a81f2150152a41d829c"
  action          = "Allowed"
  title           = "Code signing of our own tools"
  description     = "Exempts what the build server signs."
  expires_in      = "30d"
  renew_before    = "7d"
  adopt_existing  = true

  timeouts = {
    create = "45m"
  }
}
