# What somebody blocked by hand and what ends within this year.
data "mde_indicators" "ending" {
  action         = "Block"
  created_by     = "soc@contoso.com"
  expires_before = "2027-01-01T00:00:00Z"
}

# Whatever else the service can filter by is written in OData.
data "mde_indicators" "of_servers" {
  filter = "rbacGroupNames/any(g: g eq 'Servers')"
}

output "ending" {
  value = { for id, indicator in data.mde_indicators.ending.indicators : indicator.indicator_value => indicator.expiration_time }
}

# Records that were made in the portal.
output "by_hand" {
  value = [for indicator in values(data.mde_indicators.of_servers.indicators) : indicator.title if indicator.created_by_source == "Portal"]
}
