output "library" {
  description = "The scripts with the SHA-256 of what is uploaded, for the `sha256` of live-response runs."
  value       = { for name, script in mde_library_file.script : name => script.sha256 }
}
