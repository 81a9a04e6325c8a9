# Reads back what a tenant holds, so that tests need not believe the state.

variable "application" {
  description = "Whose records are read."
  type        = string
}

data "mde_indicators" "this" {
  application = var.application
}

output "records" {
  description = "The records by value."
  value       = { for record in values(data.mde_indicators.this.indicators) : record.indicator_value => record }
}
