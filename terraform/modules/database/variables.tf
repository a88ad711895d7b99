variable "name" {
  description = "Identifier of the instance."
  type        = string
}

variable "vpc_id" {
  description = "The VPC."
  type        = string
}

variable "subnet_ids" {
  description = "Subnets without a way out, in two zones at least."
  type        = list(string)
}

variable "client_security_group_ids" {
  description = "Who may connect: the security groups of the nodes, by a name of your choice."
  type        = map(string)
}

variable "kms_key_arn" {
  description = "The key that encrypts disk, backups, insights and the master password."
  type        = string
}

variable "instance_class" {
  description = "Size of the instance."
  type        = string
  default     = "db.t4g.medium"
}

variable "allocated_storage_gb" {
  description = "Disk at first."
  type        = number
  default     = 50
}

variable "max_allocated_storage_gb" {
  description = "Up to where the disk grows by itself."
  type        = number
  default     = 500
}

variable "multi_az" {
  description = "A standby in another zone."
  type        = bool
  default     = true
}

variable "backup_retention_days" {
  description = "How far back the database can be restored to any second."
  type        = number
  default     = 14
  validation {
    condition     = var.backup_retention_days >= 7 && var.backup_retention_days <= 35
    error_message = "Backups are kept for 7 to 35 days."
  }
}

variable "deletion_protection" {
  description = "Whether the instance refuses to be deleted."
  type        = bool
  default     = true
}
