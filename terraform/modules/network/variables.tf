variable "name" {
  description = "Prefix of all names, such as igniteflow-prod."
  type        = string
}

variable "cidr" {
  description = "CIDR block of the VPC; a /16 has enough addresses for Spark executors."
  type        = string
  default     = "10.20.0.0/16"
}

variable "availability_zones" {
  description = "Availability zones, at least two."
  type        = list(string)
  validation {
    condition     = length(var.availability_zones) >= 2
    error_message = "EKS and RDS need at least two availability zones."
  }
}

variable "single_nat_gateway" {
  description = "Use one NAT gateway for all zones, which is cheaper but fails with its zone."
  type        = bool
  default     = false
}

variable "flow_log_retention_days" {
  description = "Retention of the flow logs."
  type        = number
  default     = 90
}

variable "kms_key_arn" {
  description = "The key that encrypts the flow logs."
  type        = string
}
