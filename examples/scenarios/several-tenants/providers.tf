# One application, registered as multitenant, signs in to both. Its id and its
# secret come from the environment: MDE_CLIENT_ID and MDE_CLIENT_SECRET.

provider "mde" {
  alias          = "contoso"
  tenant_id      = var.contoso.tenant_id # A token of another tenant is refused.
  endpoint       = var.contoso.endpoint
  authority_host = var.contoso.authority_host
}

provider "mde" {
  alias          = "fabrikam"
  tenant_id      = var.fabrikam.tenant_id
  endpoint       = var.fabrikam.endpoint
  authority_host = var.fabrikam.authority_host
}
