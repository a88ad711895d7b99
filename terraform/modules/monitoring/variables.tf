variable "name" {
  description = "Prefix of all names."
  type        = string
}

variable "kms_key_arn" {
  description = "The key that encrypts the alarms' topic."
  type        = string
}

variable "alarm_emails" {
  description = "Email addresses that receive alarms; each must confirm the subscription once."
  type        = set(string)
}

variable "database_identifier" {
  description = "The RDS instance to watch."
  type        = string
}

variable "monthly_budget_usd" {
  description = "Monthly budget; an email is sent at 80 %, and if the forecast exceeds it; null: no budget."
  type        = number
}
