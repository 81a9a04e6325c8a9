variable "feed" {
  description = "Path of the feed, a CSV file with the columns sha256 and family."
  type        = string
  default     = "feed.csv"

  validation {
    condition     = can(csvdecode(file(var.feed))[0].sha256) && can(csvdecode(file(var.feed))[0].family)
    error_message = "The file must exist and hold at least one row with the columns sha256 and family."
  }
}

variable "action" {
  description = "What devices do with a file of the feed. Begin with Audit, and block once it has proved harmless."
  type        = string
  default     = "Audit"

  validation {
    condition     = contains(["Audit", "Block", "BlockAndRemediate"], var.action)
    error_message = "The action must be Audit, Block or BlockAndRemediate."
  }
}

variable "max_indicator_deletions" {
  description = "How many indicators one apply may delete."
  type        = number
  default     = 500

  validation {
    condition     = var.max_indicator_deletions >= 0 && var.max_indicator_deletions <= 15000
    error_message = "A tenant holds at most 15,000 indicators."
  }
}
