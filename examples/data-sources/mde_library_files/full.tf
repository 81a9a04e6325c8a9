data "mde_library_files" "collectors" {
  name_prefix = "Collect-"
  created_by  = "soc@contoso.com"
}

# Who put what there, and when it changed last.
output "collectors" {
  value = {
    for name, file in data.mde_library_files.collectors.files : name => {
      by     = file.created_by
      at     = file.last_updated_time
      sha256 = file.sha256
    }
  }
}
