provider "mde" {
  guardrails = {
    # A run on every device instead of a fleet is a mistake, and so is one whose
    # script nobody has reviewed.
    max_runs       = var.max_runs
    require_sha256 = true
  }
}
