data "mde_machines" "all" {}

output "ids" {
  value = data.mde_machines.all.ids
}
