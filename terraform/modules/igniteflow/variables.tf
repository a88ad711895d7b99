variable "environment" {
  description = "dev, staging or prod; development and production are synonyms of dev and prod."
  type        = string
  validation {
    condition     = contains(["dev", "development", "staging", "prod", "production"], var.environment)
    error_message = "The environment is dev, staging or prod."
  }
}

variable "region" {
  description = "The AWS region, which must equal the region of the provider aws."
  type        = string
}

variable "availability_zones" {
  description = "Availability zones, at least two of the region; if empty, the first three."
  type        = list(string)
  default     = []
  validation {
    condition     = alltrue([for zone in var.availability_zones : startswith(zone, var.region)])
    error_message = "Every availability zone must be one of the region ${var.region}."
  }
}

variable "vpc_cidr" {
  description = "CIDR block of the VPC."
  type        = string
  default     = "10.20.0.0/16"
}

variable "single_nat_gateway" {
  description = "Use one NAT gateway for all zones."
  type        = bool
  default     = false
}

variable "public_access_cidrs" {
  description = "CIDR blocks with internet access to the Kubernetes API; if empty, it has no public endpoint."
  type        = list(string)
  default     = []
}

variable "cluster_name" {
  description = "Name of the EKS cluster; null: igniteflow-<environment>."
  type        = string
  default     = null
}

variable "node_groups" {
  description = "Node groups, as in the module eks; desired_size is the initial number of nodes."
  type = map(object({
    instance_types = list(string)
    capacity_type  = optional(string, "ON_DEMAND")
    min_size       = number
    max_size       = number
    desired_size   = optional(number)
    disk_gb        = optional(number, 100)
    labels         = optional(map(string), {})
    taints         = optional(map(string), {})
  }))
}

variable "data_lake_bucket" {
  description = "Name of the lake's bucket, unique in all of AWS."
  type        = string
}

variable "database" {
  description = "The database: instance class, initial disk size in GB, and a standby in another zone."
  type = object({
    engine         = optional(string, "postgresql")
    instance_class = string
    storage        = optional(number, 50)
    multi_az       = optional(bool, true)
  })
  validation {
    condition     = var.database.engine == "postgresql"
    error_message = "The only supported engine is postgresql."
  }
}

variable "monitoring" {
  description = "The parts of the Prometheus stack to install into the cluster."
  type = object({
    prometheus_enabled   = optional(bool, false)
    grafana_enabled      = optional(bool, false)
    alertmanager_enabled = optional(bool, false)
  })
  default = {}
}

variable "image_repository_arn" {
  description = "The ECR repository of the serving image, for SageMaker; null: no SageMaker."
  type        = string
  default     = null
}

variable "alarm_emails" {
  description = "Email addresses that receive alarms and budget notifications."
  type        = set(string)
  default     = []
}

variable "monthly_budget_usd" {
  description = "Monthly budget; null: no budget."
  type        = number
  default     = null
}
