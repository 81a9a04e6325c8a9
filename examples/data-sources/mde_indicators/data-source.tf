data "mde_indicators" "all" {}

output "number" {
  value = length(data.mde_indicators.all.ids)
}
