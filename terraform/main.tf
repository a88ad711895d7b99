# One environment: everything that the Helm chart needs around it.
locals {
  name     = "igniteflow-${var.environment}"
  lake_arn = module.data_lake.arn
}

module "network" {
  source             = "./modules/network"
  name               = local.name
  cidr               = var.vpc_cidr
  availability_zones = var.availability_zones
  single_nat_gateway = var.single_nat_gateway
  kms_key_arn        = aws_kms_key.this.arn
}

module "data_lake" {
  source      = "./modules/data_lake"
  bucket_name = var.bucket_name
  kms_key_arn = aws_kms_key.this.arn
}

module "eks" {
  source              = "./modules/eks"
  cluster_name        = local.name
  vpc_id              = module.network.vpc_id
  subnet_ids          = module.network.private_subnet_ids
  kms_key_arn         = aws_kms_key.this.arn
  public_access_cidrs = var.public_access_cidrs
  node_groups         = var.node_groups
  workload_policies   = { for name, statements in local.workloads : name => jsonencode({ Version = "2012-10-17", Statement = statements }) }
}

module "database" {
  source                    = "./modules/database"
  name                      = local.name
  vpc_id                    = module.network.vpc_id
  subnet_ids                = module.network.database_subnet_ids
  client_security_group_ids = { nodes = module.eks.node_security_group_id }
  kms_key_arn               = aws_kms_key.this.arn
  instance_class            = var.database_instance_class
  multi_az                  = var.database_multi_az
  deletion_protection       = var.environment != "dev"
}

module "monitoring" {
  source              = "./modules/monitoring"
  name                = local.name
  kms_key_arn         = aws_kms_key.this.arn
  alarm_emails        = var.alarm_emails
  database_identifier = module.database.identifier
  monthly_budget_usd  = var.monthly_budget_usd
}

module "sagemaker" {
  source               = "./modules/sagemaker"
  name                 = local.name
  bucket_arn           = local.lake_arn
  kms_key_arn          = aws_kms_key.this.arn
  image_repository_arn = var.image_repository_arn
  deployer_role_names  = [module.eks.workload_role_names["run"]]
}
