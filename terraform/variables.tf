variable "environment" {
  description = "dev, staging or prod."
  type        = string
  validation {
    condition     = contains(["dev", "staging", "prod"], var.environment)
    error_message = "The environment is dev, staging or prod."
  }
}

variable "region" {
  description = "The AWS region, such as eu-central-1."
  type        = string
}

variable "availability_zones" {
  description = "The zones to use, at least two of the region."
  type        = list(string)
  validation {
    condition     = alltrue([for zone in var.availability_zones : startswith(zone, var.region)])
    error_message = "Every availability zone must be one of the region ${var.region}."
  }
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
  description = "Node groups, as in the module eks."
  type = map(object({
    instance_types = list(string)
    capacity_type  = optional(string, "ON_DEMAND")
    min_size       = number
    max_size       = number
    disk_gb        = optional(number, 100)
    labels         = optional(map(string), {})
    taints         = optional(map(string), {})
  }))
}

variable "database_instance_class" {
  description = "Size of the database."
  type        = string
}

variable "database_multi_az" {
  description = "A standby of the database in another zone."
  type        = bool
}

variable "bucket_name" {
  description = "Name of the lake's bucket, unique in all of AWS."
  type        = string
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
