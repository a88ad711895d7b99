# One environment: the infrastructure that the Helm chart requires.
data "aws_availability_zones" "here" {
  state = "available"
}

locals {
  environment  = lookup({ production = "prod", development = "dev" }, var.environment, var.environment)
  name         = "igniteflow-${local.environment}"
  cluster_name = coalesce(var.cluster_name, local.name)
  zones        = length(var.availability_zones) > 0 ? var.availability_zones : slice(data.aws_availability_zones.here.names, 0, 3)
  lake_arn     = module.data_lake.arn
}

module "network" {
  source             = "../network"
  name               = local.name
  cidr               = var.vpc_cidr
  availability_zones = local.zones
  single_nat_gateway = var.single_nat_gateway
  kms_key_arn        = aws_kms_key.this.arn
}

module "data_lake" {
  source      = "../data_lake"
  bucket_name = var.data_lake_bucket
  kms_key_arn = aws_kms_key.this.arn
}

module "eks" {
  source              = "../eks"
  cluster_name        = local.cluster_name
  vpc_id              = module.network.vpc_id
  subnet_ids          = module.network.private_subnet_ids
  kms_key_arn         = aws_kms_key.this.arn
  public_access_cidrs = var.public_access_cidrs
  node_groups         = var.node_groups
  workload_policies   = { for name, statements in local.workloads : name => jsonencode({ Version = "2012-10-17", Statement = statements }) }
}

module "database" {
  source                    = "../database"
  name                      = local.name
  vpc_id                    = module.network.vpc_id
  subnet_ids                = module.network.database_subnet_ids
  client_security_group_ids = { nodes = module.eks.node_security_group_id }
  kms_key_arn               = aws_kms_key.this.arn
  instance_class            = var.database.instance_class
  allocated_storage_gb      = var.database.storage
  max_allocated_storage_gb  = 10 * var.database.storage
  multi_az                  = var.database.multi_az
  deletion_protection       = local.environment != "dev"
}

module "monitoring" {
  source              = "../monitoring"
  name                = local.name
  kms_key_arn         = aws_kms_key.this.arn
  alarm_emails        = var.alarm_emails
  database_identifier = module.database.identifier
  monthly_budget_usd  = var.monthly_budget_usd
}

module "prometheus" {
  source               = "../prometheus"
  prometheus_enabled   = var.monitoring.prometheus_enabled
  grafana_enabled      = var.monitoring.grafana_enabled
  alertmanager_enabled = var.monitoring.alertmanager_enabled
}

module "sagemaker" {
  count                = var.image_repository_arn == null ? 0 : 1
  source               = "../sagemaker"
  name                 = local.name
  bucket_arn           = local.lake_arn
  kms_key_arn          = aws_kms_key.this.arn
  image_repository_arn = var.image_repository_arn
  deployer_role_names  = [module.eks.workload_role_names["run"]]
}
