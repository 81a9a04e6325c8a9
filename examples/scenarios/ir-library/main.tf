locals {
  # Every script of the folder, by the name under which the library knows it. The
  # same name in two folders is an error.
  scripts = { for script in fileset("${path.module}/library", "**/*.{ps1,sh}") : basename(script) => script }

  # What the portal shows to whoever picks a script, and the hashes of those that
  # are pinned.
  catalog = yamldecode(file("${path.module}/library/catalog.yaml"))
}

resource "mde_library_file" "script" {
  for_each = local.scripts

  source                 = "${path.module}/library/${each.value}"
  description            = try(local.catalog[each.key].description, null)
  parameters_description = try(local.catalog[each.key].parameters, null)
  override_if_exists     = var.override_if_exists

  # The same file and the same hash from a checkout on Windows and on Linux.
  line_endings = "lf"

  lifecycle {
    precondition {
      condition     = can(local.catalog[each.key].description)
      error_message = "Describe ${each.key} in library/catalog.yaml, for those who pick it in the portal."
    }

    # The hash is known while planning: a script that is not the pinned one
    # fails the pull request.
    postcondition {
      condition     = self.sha256 == try(local.catalog[each.key].sha256, self.sha256)
      error_message = "${each.key} is pinned in library/catalog.yaml, and its content has the hash ${self.sha256} now."
    }
  }
}

check "catalog_is_current" {
  assert {
    condition     = length(setsubtract(keys(local.catalog), keys(local.scripts))) == 0
    error_message = "library/catalog.yaml describes scripts that are gone: ${join(", ", setsubtract(keys(local.catalog), keys(local.scripts)))}."
  }
}
