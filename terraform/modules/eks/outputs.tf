output "cluster_name" {
  description = "Name of the cluster."
  value       = aws_eks_cluster.this.name
}

output "node_security_group_id" {
  description = "Security group of all nodes."
  value       = aws_eks_cluster.this.vpc_config[0].cluster_security_group_id
}

output "workload_role_arns" {
  description = "For serviceAccounts.roleArns of the chart."
  value       = { for name, role in aws_iam_role.workload : name => role.arn }
}

output "workload_role_names" {
  description = "Names of the same roles."
  value       = { for name, role in aws_iam_role.workload : name => role.name }
}

output "autoscaler_role_arn" {
  description = "For the cluster autoscaler's service account."
  value       = aws_iam_role.system["autoscaler"].arn
}

output "shared_file_system_id" {
  description = "For the storage class efs."
  value       = aws_efs_file_system.this.id
}

output "endpoint" {
  description = "Address of the Kubernetes API."
  value       = aws_eks_cluster.this.endpoint
}

output "certificate_authority" {
  description = "CA certificate of the Kubernetes API, in base64."
  value       = one(aws_eks_cluster.this.certificate_authority[*].data)
}
