output "vpc_id" {
  description = "The VPC."
  value       = aws_vpc.this.id
}

output "private_subnet_ids" {
  description = "Subnets of the nodes, one per zone."
  value       = [for zone in var.availability_zones : aws_subnet.private[zone].id]
}

output "database_subnet_ids" {
  description = "Subnets without internet access, one per zone."
  value       = [for zone in var.availability_zones : aws_subnet.database[zone].id]
}
