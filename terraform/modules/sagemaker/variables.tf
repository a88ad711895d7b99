variable "name" {
  description = "Prefix of all names, including those of endpoints (serving.sagemaker.name_prefix)."
  type        = string
}

variable "bucket_arn" {
  description = "The bucket with model archives and captured data."
  type        = string
}

variable "kms_key_arn" {
  description = "The key that encrypts the bucket."
  type        = string
}

variable "image_repository_arn" {
  description = "The ECR repository of the serving image."
  type        = string
}

variable "deployer_role_names" {
  description = "Roles that may create and update endpoints (the role of runs)."
  type        = set(string)
}
