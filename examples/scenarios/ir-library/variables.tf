variable "override_if_exists" {
  description = "Whether scripts that the library already holds under these names are taken over and replaced."
  type        = bool
  default     = false
}
