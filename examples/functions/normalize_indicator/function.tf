output "normal" {
  value = provider::mde::normalize_indicator("EVIL.example") # evil.example
}
