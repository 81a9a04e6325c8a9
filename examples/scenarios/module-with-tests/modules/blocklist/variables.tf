variable "case" {
  description = "Number of the case, which each record carries."
  type        = string

  validation {
    condition     = can(regex("^INC-[0-9]+$", var.case))
    error_message = "A case is written like INC-1042."
  }
}

variable "values" {
  description = "Hashes, addresses, domains and URLs, defanged or not, in any spelling. Empty ones are dropped."
  type        = list(string)

  validation {
    condition     = length(compact(var.values)) > 0
    error_message = "There must be at least one value."
  }
}

variable "action" {
  description = "What devices do with the values."
  type        = string
  default     = "Block"

  validation {
    condition     = contains(["Audit", "Block"], var.action)
    error_message = "The action must be Audit or Block."
  }
}

variable "expires_in" {
  description = "How long a record lives from its creation, such as 12h or 90d."
  type        = string
  default     = "90d"

  validation {
    condition     = can(regex("^[1-9][0-9]*[hd]$", var.expires_in))
    error_message = "Write hours or days, such as 12h or 90d."
  }
}
