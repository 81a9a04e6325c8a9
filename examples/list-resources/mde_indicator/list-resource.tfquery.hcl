list "mde_indicator" "all" {
  provider = mde
}
