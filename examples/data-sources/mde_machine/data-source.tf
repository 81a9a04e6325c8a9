data "mde_machine" "suspect" {
  computer_dns_name = "desktop-01.contoso.com"
}

output "id" {
  value = data.mde_machine.suspect.id
}
