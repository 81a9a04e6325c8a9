module "payroll_phishing" {
  source = "./modules/blocklist"

  case   = "INC-1042"
  values = split("\n", file("${path.module}/report.txt"))
}
