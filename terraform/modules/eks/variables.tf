variable "cluster_name" {
  description = "Name of the cluster."
  type        = string
}

variable "kubernetes_version" {
  description = "Version of Kubernetes."
  type        = string
  default     = "1.33"
}

variable "vpc_id" {
  description = "The VPC."
  type        = string
}

variable "subnet_ids" {
  description = "Private subnets of the nodes."
  type        = list(string)
}

variable "kms_key_arn" {
  description = "The key that encrypts Kubernetes secrets, disks, the shared volume and logs."
  type        = string
}

variable "public_access_cidrs" {
  description = "CIDR blocks with internet access to the API server; if empty, it has no public endpoint."
  type        = list(string)
  default     = []
  validation {
    condition     = !contains(var.public_access_cidrs, "0.0.0.0/0")
    error_message = "The API server must not be open to the whole internet."
  }
}

variable "node_groups" {
  description = "Managed node groups by name: for Dagster and serving, and for Spark."
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
  default = {
    platform = { instance_types = ["m7i.xlarge"], min_size = 2, max_size = 6 }
    spark = {
      instance_types = ["r7i.2xlarge", "r6i.2xlarge"]
      capacity_type  = "SPOT"
      min_size       = 0
      max_size       = 20
      labels         = { "igniteflow.io/pool" = "spark" }
      taints         = { "igniteflow.io/pool" = "spark" }
    }
  }
}

variable "namespace" {
  description = "Namespace of the chart's release."
  type        = string
  default     = "igniteflow"
}

variable "workload_policies" {
  description = "AWS permissions of the chart's service accounts: component to policy as JSON."
  type        = map(string)
  default     = {}
}

variable "log_retention_days" {
  description = "Retention of the control plane's logs."
  type        = number
  default     = 90
}
