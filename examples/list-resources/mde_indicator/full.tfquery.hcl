# All that one application made and that raises alerts.
list "mde_indicator" "feed" {
  provider = mde
  limit    = 15000

  config {
    application = "INC-1042"
    filter      = "generateAlert eq true"
  }
}

# What was blocked by hand, with everything that configuration is written from.
list "mde_indicator" "by_hand" {
  provider         = mde
  include_resource = true

  config {
    action     = "Block"
    created_by = "soc@contoso.com"
  }
}
