variable "feed" {
  description = "Path of the feed, a CSV file in the columns of the portal's import."
  type        = string
  default     = "feed.csv"

  validation {
    condition     = fileexists(var.feed)
    error_message = "There is no such file. Relative paths start in the folder that Terraform runs in."
  }
}

variable "application" {
  description = "Name of the feed, which each of its records carries."
  type        = string
  default     = "soc-feed"

  validation {
    condition     = can(regex("^[a-z0-9-]+$", var.application))
    error_message = "Use lower-case letters, digits and hyphens."
  }
}

variable "protected_values" {
  description = "Own domains, addresses and ranges that no row may block."
  type        = set(string)
  default     = ["contoso.com", "198.51.100.0/24"]
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
