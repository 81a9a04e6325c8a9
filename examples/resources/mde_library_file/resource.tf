# A script of the repository: the plan shows when its content changes.
resource "mde_library_file" "triage" {
  source = "${path.module}/scripts/Collect-Triage.ps1"
}
