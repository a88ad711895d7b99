# The variables of modules/igniteflow, which checks them; the files of the environments set them.
variable "environment" {
  description = "dev, staging or prod."
  type        = string
}

variable "region" {
  description = "The AWS region, such as eu-central-1."
  type        = string
}

variable "availability_zones" {
  description = "The zones to use, at least two of the region."
  type        = list(string)
}

variable "vpc_cidr" {
  description = "Addresses of the VPC."
  type        = string
}

variable "single_nat_gateway" {
  description = "One NAT gateway for all zones."
  type        = bool
}

variable "public_access_cidrs" {
  description = "From where the Kubernetes API can be reached over the internet; none: not at all."
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
  description = "What of the Prometheus stack is installed, as in the module."
  type        = any
}

variable "image_repository_arn" {
  description = "The ECR repository of the serving image, for SageMaker."
  type        = string
}

variable "alarm_emails" {
  description = "Who is told of alarms and of the budget."
  type        = set(string)
}

variable "monthly_budget_usd" {
  description = "What a month may cost."
  type        = number
}
