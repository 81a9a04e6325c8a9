data "mde_library_files" "all" {}

output "names" {
  value = data.mde_library_files.all.file_names
}
