module "contoso" {
  source    = "./modules/baseline"
  providers = { mde = mde.contoso }

  blocklist = var.blocklist
}

module "fabrikam" {
  source    = "./modules/baseline"
  providers = { mde = mde.fabrikam }

  blocklist = var.blocklist
  action    = "Audit" # Joined last month: alerts only, until the first reviews are through.
}
