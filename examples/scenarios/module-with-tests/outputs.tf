output "blocked" {
  description = "What the report has the tenant block."
  value       = module.payroll_phishing.values
}
