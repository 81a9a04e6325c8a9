# What every tenant has: the scripts of the responders and the shared blocklist.

data "mde_client_config" "this" {}

resource "mde_library_file" "script" {
  for_each = fileset("${path.module}/library", "*.ps1")

  source       = "${path.module}/library/${each.value}"
  line_endings = "lf"
}

resource "mde_indicator_set" "blocklist" {
  action         = var.action
  generate_alert = true
  severity       = "High"
  title          = "Shared blocklist"
  description    = "From the blocklist of all tenants."
  application    = "shared-blocklist"
  indicators     = var.blocklist
}
