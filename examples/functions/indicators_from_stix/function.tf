output "groups" {
  value = keys(provider::mde::indicators_from_stix(file("${path.module}/bundle.json"), { action = "Audit" }).groups)
}
