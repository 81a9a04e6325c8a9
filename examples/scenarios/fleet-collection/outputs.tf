output "results" {
  description = "How each device's run ended, command by command."
  value = {
    for name, run in mde_live_response_run.triage : name => {
      status   = run.status
      commands = [for result in run.results : "${result.type}: ${result.status}"]
      errors   = flatten(run.results[*].errors)
    }
  }
}

output "failed" {
  description = "Devices on which the run failed."
  value       = local.failed
}

output "pending" {
  description = "Devices that have not answered yet. Apply again to pick them up."
  value       = local.pending
}
