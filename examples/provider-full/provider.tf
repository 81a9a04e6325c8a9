terraform {
  required_version = ">= 1.8"

  required_providers {
    mde = {
      source = "mde-as-code/mde"
    }
  }
}

variable "tenant_id" {
  type = string
}

variable "client_id" {
  type = string
}

provider "mde" {
  # A token of another tenant is refused.
  tenant_id = var.tenant_id

  # The application's secret, in a file that is read at each sign-in.
  client_id               = var.client_id
  client_secret_file_path = "/run/secrets/mde"

  # Half of the quota, for another pipeline signs in as the same application.
  rate_limits = {
    requests_per_minute = 50
    requests_per_hour   = 750
  }

  # What no change of the configuration may do.
  guardrails = {
    protected_values        = ["contoso.com", "198.51.100.0/24"]
    max_indicator_deletions = 500
    max_runs                = 20
    require_sha256          = true
  }
}
