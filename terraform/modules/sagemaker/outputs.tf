output "execution_role_arn" {
  description = "For serving.sagemaker.role_arn."
  value       = aws_iam_role.execution.arn
}
