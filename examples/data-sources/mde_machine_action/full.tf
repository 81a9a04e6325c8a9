# An action that somebody else started, in the portal or by another tool, here
# by the id of the run above.
data "mde_machine_action" "checked" {
  id = mde_live_response_run.collect.id
}

check "ended" {
  assert {
    condition     = data.mde_machine_action.checked.done
    error_message = "The action on ${data.mde_machine_action.checked.computer_dns_name} is still ${data.mde_machine_action.checked.status}."
  }
}

# Who asked for it and why, and what each of its commands did.
output "audit" {
  value = {
    by       = data.mde_machine_action.checked.requestor
    why      = data.mde_machine_action.checked.requestor_comment
    commands = [for command in data.mde_machine_action.checked.commands : "${command.type}: ${command.status}"]
  }
}
