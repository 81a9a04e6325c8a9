list "mde_library_file" "collectors" {
  provider = mde
  limit    = 1000

  config {
    name_prefix = "Collect-"
  }
}
