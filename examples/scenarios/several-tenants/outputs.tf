output "tenants" {
  description = "What each tenant holds."
  value = {
    contoso  = module.contoso
    fabrikam = module.fabrikam
  }
}
