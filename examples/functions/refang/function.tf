output "plain" {
  value = provider::mde::refang("hxxps://evil[.]example") # https://evil.example
}
