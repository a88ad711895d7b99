variable "name" {
  description = "Prefix of every name."
  type        = string
}

variable "kms_key_arn" {
  description = "The key that encrypts the alarms' topic."
  type        = string
}

variable "alarm_emails" {
  description = "Who is told; each confirms once by mail."
  type        = set(string)
}

variable "database_identifier" {
  description = "The RDS instance to watch."
  type        = string
}

variable "monthly_budget_usd" {
  description = "A mail is sent at 80 % of it, and when the forecast exceeds it; null: no budget."
  type        = number
}
