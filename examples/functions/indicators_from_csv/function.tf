output "groups" {
  value = keys(provider::mde::indicators_from_csv(file("${path.module}/indicators.csv"), {}).groups)
}
