provider "mde" {
  guardrails = {
    # A feed that arrives empty or cut off is a mistake.
    max_indicator_deletions = var.max_indicator_deletions
  }
}
