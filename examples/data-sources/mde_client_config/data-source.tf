data "mde_client_config" "this" {}

# Fails a plan that meets the wrong tenant, or lacks a permission.
check "tenant" {
  assert {
    condition     = contains(data.mde_client_config.this.roles, "Ti.ReadWrite.All")
    error_message = "The application ${data.mde_client_config.this.client_id} lacks Ti.ReadWrite.All."
  }
}

output "tenant" {
  value = data.mde_client_config.this.tenant_id
}
