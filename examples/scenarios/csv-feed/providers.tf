provider "mde" {
  guardrails = {
    # What the feed must never block.
    protected_values = var.protected_values

    # A feed that arrives empty or cut off is a mistake.
    max_indicator_deletions = var.max_indicator_deletions
  }
}
