variable "case" {
  description = "Number of the case, which each record carries."
  type        = string
  default     = "INC-1042"

  validation {
    condition     = can(regex("^INC-[0-9]+$", var.case))
    error_message = "A case is written like INC-1042."
  }
}

variable "active" {
  description = "Whether the campaign still goes on, so that its indicators are renewed before they end."
  type        = bool
  default     = true
}

variable "expires_in" {
  description = "How long a record lives from its creation or renewal."
  type        = string
  default     = "90d"

  validation {
    condition     = can(regex("^[1-9][0-9]*[hd]$", var.expires_in))
    error_message = "Write hours or days, such as 12h or 90d."
  }
}

variable "renew_before" {
  description = "How long before its end a record is renewed. Apply more often than that."
  type        = string
  default     = "14d"

  validation {
    condition     = can(regex("^[1-9][0-9]*[hd]$", var.renew_before))
    error_message = "Write hours or days, such as 12h or 14d."
  }
}

variable "protected_values" {
  description = "Own domains, addresses and ranges that no indicator may block or warn of."
  type        = set(string)
  default     = ["contoso.com", "login.microsoftonline.com", "198.51.100.0/24"]
}
