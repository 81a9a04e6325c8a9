variable "contoso" {
  description = "The tenant of Contoso. Endpoint and authority are for regional hosts and simulated tenants."
  type = object({
    tenant_id      = string
    endpoint       = optional(string)
    authority_host = optional(string)
  })

  validation {
    condition     = can(regex("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", var.contoso.tenant_id))
    error_message = "The tenant_id must be a GUID: a domain name cannot be compared with the token's tenant."
  }
}

variable "fabrikam" {
  description = "The tenant of Fabrikam. Endpoint and authority are for regional hosts and simulated tenants."
  type = object({
    tenant_id      = string
    endpoint       = optional(string)
    authority_host = optional(string)
  })

  validation {
    condition     = can(regex("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", var.fabrikam.tenant_id))
    error_message = "The tenant_id must be a GUID: a domain name cannot be compared with the token's tenant."
  }
}

variable "blocklist" {
  description = "What every tenant blocks, each value with a note."
  type        = map(string)
  default = {
    "login.contoso-payroll.example"           = "Lookalike of the payroll portal"
    "https://files.contoso-share.example/doc" = "Lure in the mail"
    "203.0.113.7"                             = "Command and control"
  }
}
