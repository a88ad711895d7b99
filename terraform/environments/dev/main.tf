terraform {
  required_version = ">= 1.10"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }
  # The bucket's name is given by: terraform init -backend-config=bucket=NAME
  backend "s3" {
    key          = "igniteflow/dev/terraform.tfstate"
    region       = "eu-central-1"
    encrypt      = true
    use_lockfile = true
  }
}

provider "aws" {
  region = "eu-central-1"
  default_tags {
    tags = { project = "igniteflow", environment = "dev" }
  }
}

variable "alarm_emails" {
  description = "Who is told of alarms and of the budget."
  type        = set(string)
}

variable "image_repository_arn" {
  description = "The ECR repository of the serving image."
  type        = string
}

variable "public_access_cidrs" {
  description = "From where the Kubernetes API can be reached over the internet; none: not at all."
  type        = list(string)
  default     = []
}

module "platform" {
  source                  = "../../modules/platform"
  environment             = "dev"
  availability_zones      = ["eu-central-1a", "eu-central-1b", "eu-central-1c"]
  vpc_cidr                = "10.40.0.0/16"
  single_nat_gateway      = true
  public_access_cidrs     = var.public_access_cidrs
  database_instance_class = "db.t4g.medium"
  database_multi_az       = false
  bucket_name             = "igniteflow-dev"
  image_repository_arn    = var.image_repository_arn
  alarm_emails            = var.alarm_emails
  monthly_budget_usd      = 600

  node_groups = {
    platform = { instance_types = ["m7i.xlarge"], min_size = 1, max_size = 3 }
    spark = {
      instance_types = ["r7i.2xlarge", "r6i.2xlarge", "r7a.2xlarge"]
      capacity_type  = "SPOT"
      min_size       = 0
      max_size       = 2
      labels         = { "igniteflow.io/pool" = "spark" }
      taints         = { "igniteflow.io/pool" = "spark" }
    }
  }
}

output "platform" {
  description = "What the Helm chart's values are filled with."
  value       = module.platform
}
