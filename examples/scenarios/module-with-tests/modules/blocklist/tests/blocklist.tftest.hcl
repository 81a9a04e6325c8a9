# Runs on the tenant that the MDE_ variables name: `make sim` starts a simulated
# one and prints them. What a run creates is destroyed at the end.

variables {
  case = "INC-1042"
  values = [
    "hxxps://files[.]contoso-share[.]example/doc",
    "LOGIN[.]contoso-payroll[.]example",
    "login.contoso-payroll.example",
    " 203.0.113.7",
    "",
  ]
}

run "plans_each_value_once" {
  command = plan

  assert {
    condition = mde_indicator_set.this.indicators == tomap({
      "203.0.113.7"                             = ""
      "https://files.contoso-share.example/doc" = ""
      "login.contoso-payroll.example"           = ""
    })
    error_message = "The plan holds ${jsonencode(mde_indicator_set.this.indicators)}."
  }

  assert {
    condition     = mde_indicator_set.this.action == "Block" && mde_indicator_set.this.expires_in == "90d"
    error_message = "Without further ado, values are blocked for 90 days."
  }
}

run "creates" {
  assert {
    condition     = length(output.values) == 3
    error_message = "The state holds ${jsonencode(output.values)}."
  }
}

run "reached_the_tenant" {
  module {
    source = "./tests/tenant"
  }

  variables {
    application = run.creates.application
  }

  assert {
    condition     = toset(keys(output.records)) == toset(["203.0.113.7", "https://files.contoso-share.example/doc", "login.contoso-payroll.example"])
    error_message = "The tenant holds ${jsonencode(keys(output.records))}."
  }

  assert {
    condition     = alltrue([for record in values(output.records) : record.expiration_time != null && record.generate_alert])
    error_message = "Every record must end one day and raise an alert until then."
  }
}

run "lets_a_value_go" {
  variables {
    values = ["203.0.113.7"]
  }

  assert {
    condition     = length(output.values) == 1 && contains(output.values, "203.0.113.7")
    error_message = "The state holds ${jsonencode(output.values)}."
  }
}

run "left_the_tenant" {
  module {
    source = "./tests/tenant"
  }

  variables {
    application = run.lets_a_value_go.application
  }

  assert {
    condition     = length(output.records) == 1 && contains(keys(output.records), "203.0.113.7")
    error_message = "The tenant holds ${jsonencode(keys(output.records))}."
  }
}

run "refuses_what_cannot_be_an_indicator" {
  command = plan

  variables {
    values = ["203.0.113.0/24", "*.contoso-payroll.example"]
  }

  expect_failures = [mde_indicator_set.this]
}

run "refuses_an_unknown_case" {
  command = plan

  variables {
    case = "payroll"
  }

  expect_failures = [var.case]
}
