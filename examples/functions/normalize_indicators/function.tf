output "normal" {
  value = provider::mde::normalize_indicators(["EVIL.example", "evil.example"]) # { "evil.example" = "" }
}
