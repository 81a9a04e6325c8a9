resource "mde_library_file" "collect" {
  file_name = "Collect-Triage.ps1"
  content   = "Get-Process | Sort-Object CPU\n"
}

data "mde_library_file" "collect" {
  file_name = mde_library_file.collect.file_name
}

output "sha256" {
  value = data.mde_library_file.collect.sha256
}
