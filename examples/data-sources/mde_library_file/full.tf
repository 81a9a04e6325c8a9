# Whether the library holds what is reviewed in this repository. The service
# does not give the content back, but its hash.
data "mde_library_file" "hosts" {
  file_name = "Reset-Hosts.ps1"

  depends_on = [mde_library_file.hosts]
}

resource "mde_library_file" "hosts" {
  source = "${path.module}/scripts/Reset-Hosts.ps1"
}

check "reviewed" {
  assert {
    condition     = data.mde_library_file.hosts.sha256 == filesha256("${path.module}/scripts/Reset-Hosts.ps1")
    error_message = "Reset-Hosts.ps1 was uploaded by ${data.mde_library_file.hosts.created_by} and is not the reviewed one."
  }
}
