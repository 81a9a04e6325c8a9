data "mde_client_config" "checked" {
  lifecycle {
    # Stops a plan that could not be applied, whichever resources it has.
    postcondition {
      condition     = contains(self.roles, "Ti.ReadWrite.All")
      error_message = "The application ${self.client_id} lacks Ti.ReadWrite.All in the tenant ${self.tenant_id}."
    }
  }
}

output "signed_in" {
  value = {
    by     = data.mde_client_config.checked.sign_in_method
    as     = data.mde_client_config.checked.client_id
    at     = data.mde_client_config.checked.endpoint
    scopes = data.mde_client_config.checked.scopes
  }
}
