terraform {
  required_providers {
    mde = {
      source = "mde-as-code/mde"
    }
  }
}

variable "tenant_id" {
  type = string
}

variable "client_id" {
  type = string
}

# The secret comes from the environment: MDE_CLIENT_SECRET.
provider "mde" {
  tenant_id = var.tenant_id
  client_id = var.client_id
}
