import {
  to = mde_library_file.triage
  id = "Collect-Triage.ps1"
}
