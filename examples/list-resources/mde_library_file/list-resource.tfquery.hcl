list "mde_library_file" "all" {
  provider = mde
}
