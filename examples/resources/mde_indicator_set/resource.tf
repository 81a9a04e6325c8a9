resource "mde_indicator_set" "lookalikes" {
  action      = "Block"
  title       = "Lookalike domains"
  description = "Found by the weekly search for lookalikes."

  indicators = {
    "contoso-login.example"   = "Lookalike of the sign-in page"
    "contoso-support.example" = ""
  }
}
