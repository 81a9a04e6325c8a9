import {
  to = mde_library_file.triage

  identity = {
    file_name = "Collect-Triage.ps1"
  }
}
