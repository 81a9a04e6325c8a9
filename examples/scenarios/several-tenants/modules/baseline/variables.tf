variable "blocklist" {
  description = "Values that the tenant blocks, each with a note."
  type        = map(string)
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
