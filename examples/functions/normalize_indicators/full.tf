# One value a line; empty lines are dropped.
resource "mde_indicator_set" "blocklist" {
  action      = "Block"
  title       = "Blocklist"
  description = "From blocklist.txt of this repository."
  indicators  = provider::mde::normalize_indicators(compact(split("\n", file("${path.module}/blocklist.txt"))))
}
