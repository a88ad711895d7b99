# One environment, whose values are in environments/<name>.tfvars.
module "igniteflow" {
  source               = "./modules/igniteflow"
  environment          = var.environment
  region               = var.region
  availability_zones   = var.availability_zones
  vpc_cidr             = var.vpc_cidr
  single_nat_gateway   = var.single_nat_gateway
  public_access_cidrs  = var.public_access_cidrs
  node_groups          = var.node_groups
  data_lake_bucket     = var.data_lake_bucket
  database             = var.database
  monitoring           = var.monitoring
  image_repository_arn = var.image_repository_arn
  alarm_emails         = var.alarm_emails
  monthly_budget_usd   = var.monthly_budget_usd
}

output "igniteflow" {
  description = "The outputs of the module, for the chart's values and the settings."
  value       = module.igniteflow
}

# Migrates the state from before the module existed; no resource is created again.
moved {
  from = module.network
  to   = module.igniteflow.module.network
}

moved {
  from = module.data_lake
  to   = module.igniteflow.module.data_lake
}

moved {
  from = module.eks
  to   = module.igniteflow.module.eks
}

moved {
  from = module.database
  to   = module.igniteflow.module.database
}

moved {
  from = module.monitoring
  to   = module.igniteflow.module.monitoring
}

moved {
  from = module.sagemaker
  to   = module.igniteflow.module.sagemaker[0]
}

moved {
  from = aws_kms_key.this
  to   = module.igniteflow.aws_kms_key.this
}

moved {
  from = aws_kms_alias.this
  to   = module.igniteflow.aws_kms_alias.this
}
