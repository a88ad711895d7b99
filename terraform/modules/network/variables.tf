variable "name" {
  description = "Prefix of every name, such as igniteflow-prod."
  type        = string
}

variable "cidr" {
  description = "Addresses of the VPC; a /16 leaves room for Spark executors."
  type        = string
  default     = "10.20.0.0/16"
}

variable "availability_zones" {
  description = "The zones to use, at least two."
  type        = list(string)
  validation {
    condition     = length(var.availability_zones) >= 2
    error_message = "EKS and RDS need at least two availability zones."
  }
}

variable "single_nat_gateway" {
  description = "One NAT gateway for all zones: cheaper, and lost with its zone."
  type        = bool
  default     = false
}

variable "flow_log_retention_days" {
  description = "How long records of the network's flows are kept."
  type        = number
  default     = 90
}

variable "kms_key_arn" {
  description = "The key that encrypts the flow logs."
  type        = string
}
