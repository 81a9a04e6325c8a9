locals {
  # Feeds repeat themselves: the families of a hash that comes twice are joined.
  families = { for row in csvdecode(file(var.feed)) : lower(row.sha256) => row.family... }
}

# One resource however long the feed is: a plan shows one line for each hash that
# is added, changed or removed.
resource "mde_indicator_set" "feed" {
  action         = var.action
  generate_alert = true
  severity       = "High"
  title          = "Malware feed"
  description    = "Hash of the weekly feed."
  application    = "malware-feed"
  indicator_type = "FileSha256"

  indicators = { for sha256, families in local.families : sha256 => join(", ", distinct(families)) }
}
