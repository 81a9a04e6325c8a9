resource "mde_indicator" "this" {
  indicator_value = "203.0.113.7"
  indicator_type  = provider::mde::indicator_type("203.0.113.7") # IpAddress
  action          = "Block"
  title           = "Command and control, INC-1042"
  description     = "Seen in the memory of three devices."
}
