output "host" {
  description = "Host name of Postgres."
  value       = aws_db_instance.this.address
}

output "identifier" {
  description = "Identifier of the instance, for alarms."
  value       = aws_db_instance.this.identifier
}

output "master_secret_arn" {
  description = "The secret with the master password."
  value       = aws_db_instance.this.master_user_secret[0].secret_arn
}
