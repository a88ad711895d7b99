# The variables of modules/igniteflow, which validates them; environments/*.tfvars set them.
variable "environment" {
  description = "dev, staging or prod."
  type        = string
}

variable "region" {
  description = "The AWS region, such as eu-central-1."
  type        = string
}

variable "availability_zones" {
  description = "Availability zones, at least two of the region."
  type        = list(string)
}

variable "vpc_cidr" {
  description = "CIDR block of the VPC."
  type        = string
}

variable "single_nat_gateway" {
  description = "Use one NAT gateway for all zones."
  type        = bool
}

variable "public_access_cidrs" {
  description = "CIDR blocks with internet access to the Kubernetes API; if empty, it has no public endpoint."
  type        = list(string)
  default     = []
}

variable "node_groups" {
  description = "Node groups, as in the module."
  type        = any
}

variable "data_lake_bucket" {
  description = "Name of the lake's bucket, unique in all of AWS."
  type        = string
}

variable "database" {
  description = "The database, as in the module."
  type        = any
}

variable "monitoring" {
  description = "The parts of the Prometheus stack to install, as in the module."
  type        = any
}

variable "image_repository_arn" {
  description = "The ECR repository of the serving image, for SageMaker."
  type        = string
}

variable "alarm_emails" {
  description = "Email addresses that receive alarms and budget notifications."
  type        = set(string)
}

variable "monthly_budget_usd" {
  description = "Monthly budget."
  type        = number
}
