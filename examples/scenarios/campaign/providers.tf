provider "mde" {
  guardrails = {
    # Nobody blocks ourselves or the identity provider in the heat of an incident.
    protected_values = var.protected_values
    allowed_actions  = ["Audit", "Warn", "Block", "BlockAndRemediate"]

    # What an incident leaves behind ends by itself.
    require_expiration      = true
    max_indicator_deletions = 50
  }
}
