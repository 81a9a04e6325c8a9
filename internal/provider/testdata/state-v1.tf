resource "mde_library_file" "source" {
  source      = "${path.module}/collect.sh"
  description = "Collects."
}

resource "mde_library_file" "content" {
  file_name              = "reset.ps1"
  content                = "param($Case)\r\n"
  parameters_description = "-Case"
  line_endings           = "lf"
}

resource "mde_indicator" "domain" {
  indicator_type  = "DomainName"
  indicator_value = "Evil.example"
  action          = "AlertAndBlock"
  title           = "INC-1042"
  description     = "Lookalike."
  application     = "INC-1042"
}

resource "mde_indicator" "address" {
  indicator_type   = "IpAddress"
  indicator_value  = "2001:db8::7"
  action           = "Block"
  title            = "INC-1042"
  description      = "Seen twice."
  severity         = "High"
  rbac_group_names = ["Servers"]
  expiration_time  = "2099-12-31T00:00:00Z"
}

resource "mde_indicator_set" "feed" {
  action      = "Block"
  title       = "Feed"
  description = "Of the week."

  indicators = {
    "https://files.example/doc" = "Lure"
    "feed.example"              = ""
    "203.0.113.7"               = null
  }
}
