data "mde_machine" "suspect" {
  computer_dns_name = "desktop-01.contoso.com"
}

resource "mde_live_response_run" "collect" {
  machine_id = data.mde_machine.suspect.id
  comment    = "INC-1042: collect the archive"
  commands   = [{ type = "GetFile", path = "C:\\Windows\\Temp\\INC-1042.zip" }]
}
