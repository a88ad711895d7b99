variable "name" {
  description = "Identifier of the instance."
  type        = string
}

variable "vpc_id" {
  description = "The VPC."
  type        = string
}

variable "subnet_ids" {
  description = "Subnets without internet access, in at least two zones."
  type        = list(string)
}

variable "client_security_group_ids" {
  description = "Security groups that may connect (those of the nodes), by a name of your choice."
  type        = map(string)
}

variable "kms_key_arn" {
  description = "The key that encrypts disk, backups, insights and the master password."
  type        = string
}

variable "instance_class" {
  description = "Class of the instance."
  type        = string
  default     = "db.t4g.medium"
}

variable "allocated_storage_gb" {
  description = "Initial size of the disk."
  type        = number
  default     = 50
}

variable "max_allocated_storage_gb" {
  description = "Maximum size to which the disk grows automatically."
  type        = number
  default     = 500
}

variable "multi_az" {
  description = "A standby in another zone."
  type        = bool
  default     = true
}

variable "backup_retention_days" {
  description = "Retention of backups for point-in-time recovery."
  type        = number
  default     = 14
  validation {
    condition     = var.backup_retention_days >= 7 && var.backup_retention_days <= 35
    error_message = "Backups are kept for 7 to 35 days."
  }
}

variable "deletion_protection" {
  description = "Whether deletion protection is on."
  type        = bool
  default     = true
}
