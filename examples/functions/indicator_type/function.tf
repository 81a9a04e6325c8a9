output "type" {
  value = provider::mde::indicator_type("203.0.113.7") # IpAddress
}
