terraform {
  required_version = ">= 1.7" # OpenTofu 1.7 or Terraform 1.8.

  required_providers {
    mde = {
      source  = "mde-as-code/mde"
      version = "~> 0.0"
    }
  }
}
