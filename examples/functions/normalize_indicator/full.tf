locals {
  # Lists that write the same value in different ways.
  ours   = ["EVIL.example", "2001:db8::7"]
  theirs = ["evil.example"]
}

output "only_ours" {
  value = setsubtract(
    [for value in local.ours : provider::mde::normalize_indicator(value)],
    [for value in local.theirs : provider::mde::normalize_indicator(value)],
  ) # 2001:0db8:0000:0000:0000:0000:0000:0007
}
