resource "mde_live_response_run" "test" {
  machine_id = "1e5a6e3f0c7b4d2f9a8b7c6d5e4f3a2b1c0d9e8f"
  comment    = "INC-1"

  commands = [
    { type = "PutFile", file_name = "tool.zip" },
    { type = "RunScript", script_name = "collect.ps1", args = "-All" },
    { type = "GetFile", path = "C:\\Temp\\out.txt" },
  ]

  triggers = { requested = "2026-11-21" }

  pending_timeout = "1h"
  timeouts        = { create = "45m" }
}
