output "cluster_name" {
  description = "Name of the cluster."
  value       = module.eks.cluster_name
}

output "database_host" {
  description = "For dagster.database.host of the chart."
  value       = module.database.host
}

output "database_master_secret_arn" {
  description = "The secret with the database's master password, for creating the two owners."
  value       = module.database.master_secret_arn
}

output "role_arns" {
  description = "For serviceAccounts.roleArns of the chart."
  value       = module.eks.workload_role_arns
}

output "autoscaler_role_arn" {
  description = "For the cluster autoscaler."
  value       = module.eks.autoscaler_role_arn
}

output "shared_file_system_id" {
  description = "For the storage class efs."
  value       = module.eks.shared_file_system_id
}

output "bucket" {
  description = "The lake's bucket."
  value       = module.data_lake.bucket
}

output "sagemaker_role_arn" {
  description = "For serving.sagemaker.role_arn; null without SageMaker."
  value       = one(module.sagemaker[*].execution_role_arn)
}

output "alarm_topic_arn" {
  description = "Topic of the alarms."
  value       = module.monitoring.alarm_topic_arn
}
