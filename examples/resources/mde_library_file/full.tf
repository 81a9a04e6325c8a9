# Text in the configuration: the plan shows which lines change.
resource "mde_library_file" "hosts" {
  file_name              = "Reset-Hosts.ps1"
  description            = "Sets the hosts file back to the given entries."
  parameters_description = "-WhatIf: only show what would change"
  has_parameters         = true
  line_endings           = "crlf"
  override_if_exists     = true

  content = <<-EOT
    param([switch] $WhatIf)
    $entries = @('127.0.0.1 localhost')
    Set-Content "$env:SystemRoot\System32\drivers\etc\hosts" $entries -WhatIf:$WhatIf
  EOT

  timeouts = {
    create = "30m"
    update = "30m"
  }
}
