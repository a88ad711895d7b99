variable "bucket_name" {
  description = "Name of the bucket, unique in all of AWS."
  type        = string
}

variable "kms_key_arn" {
  description = "The key that encrypts every object."
  type        = string
}

variable "source_days_until_infrequent_access" {
  description = "Source files older than this move to cheaper storage."
  type        = number
  default     = 90
}

variable "noncurrent_version_days" {
  description = "Retention of overwritten and deleted objects."
  type        = number
  default     = 30
}

variable "access_log_bucket" {
  description = "Bucket for the access logs; null: no access logs."
  type        = string
  default     = null
}
