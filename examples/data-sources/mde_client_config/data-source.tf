data "mde_client_config" "this" {}

output "tenant" {
  value = data.mde_client_config.this.tenant_id
}
