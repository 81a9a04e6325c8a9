data "mde_library_files" "all" {}

data "mde_library_files" "collectors" {
  name_prefix = "Collect-"
}

output "collectors" {
  value = data.mde_library_files.collectors.file_names
}

# Who put what there.
output "creators" {
  value = { for name, file in data.mde_library_files.all.files : name => file.created_by }
}
