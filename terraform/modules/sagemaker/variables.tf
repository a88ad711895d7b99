variable "name" {
  description = "Prefix of every name, and of the endpoints (serving.sagemaker.name_prefix)."
  type        = string
}

variable "bucket_arn" {
  description = "The bucket with model archives and captured data."
  type        = string
}

variable "kms_key_arn" {
  description = "The key of that bucket."
  type        = string
}

variable "image_repository_arn" {
  description = "The ECR repository of the serving image."
  type        = string
}

variable "deployer_role_names" {
  description = "Roles that may make and change endpoints: that of the runs."
  type        = set(string)
}
