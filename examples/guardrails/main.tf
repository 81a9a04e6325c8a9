provider "mde" {
  guardrails = {
    # Nobody blocks ourselves, the identity provider or the office network.
    protected_values = ["contoso.com", "login.microsoftonline.com", "198.51.100.0/24"]

    allowed_actions    = ["Audit", "Warn", "Block", "BlockAndRemediate"]
    require_expiration = true

    # An emptied feed is a mistake, and so is a run on every device.
    max_indicator_deletions = 500
    max_runs                = 20
    require_sha256          = true
  }
}

resource "mde_indicator" "example" {
  indicator_type  = "DomainName"
  indicator_value = "malware.example"
  action          = "Block"
  title           = "INC-1042"
  description     = "Command and control of the dropper."
  expires_in      = "30d"
}
