data "mde_machine" "by_name" {
  computer_dns_name = "desktop-01.contoso.com"
}

data "mde_machine" "by_id" {
  id = "1e5a6e3f0c7b4d2f9a8b7c6d5e4f3a2b1c0d9e8f"
}

output "last_seen" {
  value = data.mde_machine.by_name.last_seen
}
