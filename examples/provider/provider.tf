terraform {
  required_providers {
    mde = {
      source = "mde-as-code/mde"
    }
  }
}

# Who signs in comes from the environment, such as MDE_TENANT_ID, MDE_CLIENT_ID
# and MDE_CLIENT_SECRET.
provider "mde" {}
