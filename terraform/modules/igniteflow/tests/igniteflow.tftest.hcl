mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "111111111111" }
  }
  mock_data "aws_region" {
    defaults = { region = "eu-central-1" }
  }
  mock_data "aws_availability_zones" {
    defaults = { names = ["eu-central-1a", "eu-central-1b", "eu-central-1c"] }
  }
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:eu-central-1:111111111111:key/00000000-0000-0000-0000-000000000000" }
  }
}

mock_provider "helm" {}

# The modules have separate tests; this file tests how they are combined.
override_module {
  target = module.network
  outputs = {
    vpc_id              = "vpc-1"
    private_subnet_ids  = ["subnet-1", "subnet-2"]
    database_subnet_ids = ["subnet-3", "subnet-4"]
  }
}
override_module {
  target  = module.data_lake
  outputs = { bucket = "test-lake", arn = "arn:aws:s3:::test-lake" }
}
override_module {
  target = module.eks
  outputs = {
    cluster_name           = "igniteflow-dev"
    node_security_group_id = "sg-1"
    workload_role_arns     = { run = "arn:aws:iam::111111111111:role/run" }
    workload_role_names    = { run = "run" }
    autoscaler_role_arn    = "arn:aws:iam::111111111111:role/autoscaler"
    shared_file_system_id  = "fs-1"
    endpoint               = "https://eks.example.com"
    certificate_authority  = ""
  }
}
override_module {
  target = module.database
  outputs = {
    host              = "database.example.com"
    identifier        = "igniteflow-dev"
    master_secret_arn = "arn:aws:secretsmanager:eu-central-1:111111111111:secret:database" # pragma: allowlist secret
  }
}
override_module {
  target  = module.monitoring
  outputs = { alarm_topic_arn = "arn:aws:sns:eu-central-1:111111111111:alarms" }
}
override_module {
  target  = module.sagemaker
  outputs = { execution_role_arn = "arn:aws:iam::111111111111:role/sagemaker" }
}

variables {
  environment          = "dev"
  region               = "eu-central-1"
  availability_zones   = ["eu-central-1a", "eu-central-1b"]
  vpc_cidr             = "10.0.0.0/16"
  single_nat_gateway   = true
  node_groups          = {}
  database             = { instance_class = "db.t4g.medium", multi_az = false }
  data_lake_bucket     = "test-lake"
  image_repository_arn = "arn:aws:ecr:eu-central-1:111111111111:repository/igniteflow/serving"
  alarm_emails         = ["me@example.com"]
  monthly_budget_usd   = 100
}

run "workloads_have_access_only_to_the_lake_and_its_key" {
  assert {
    condition = alltrue(flatten([
      for statements in values(local.workloads) : [
        for statement in statements : [
          for resource in flatten([statement.Resource]) :
          resource == aws_kms_key.this.arn || resource == "arn:aws:s3:::test-lake" || startswith(resource, "arn:aws:s3:::test-lake/")
        ]
      ]
    ]))
    error_message = "A workload has access to other resources."
  }
  assert {
    condition = alltrue(flatten([
      for statements in values(local.workloads) : [
        for statement in statements : [for action in flatten([statement.Action]) : !endswith(action, "*")]
      ]
    ]))
    error_message = "A workload has all permissions."
  }
}

run "source_files_and_logs_are_read_only" {
  assert {
    condition = alltrue(flatten([
      for statements in values(local.workloads) : [
        for statement in statements : [
          for resource in flatten([statement.Resource]) : !endswith(resource, "/source/*")
        ] if contains(flatten([statement.Action]), "s3:PutObject")
      ]
    ]))
    error_message = "A workload may change source files."
  }
  assert {
    condition     = alltrue([for statement in local.workloads.webserver : !contains(flatten([statement.Action]), "s3:PutObject")])
    error_message = "The webserver may change the lake."
  }
}

run "mlflow_does_not_see_the_lakes_tables" {
  assert {
    condition     = length(regexall("[/\"]lake/", jsonencode(local.workloads.mlflow))) == 0
    error_message = "MLflow has access to tables."
  }
}

run "the_key_is_rotated_and_not_public" {
  assert {
    condition     = aws_kms_key.this.enable_key_rotation
    error_message = "The key is not rotated."
  }
  assert {
    condition = alltrue([
      for statement in jsondecode(aws_kms_key.this.policy).Statement :
      !strcontains(jsonencode(statement.Principal), "\"*\"")
    ])
    error_message = "The key may be used by any principal."
  }
}

run "the_region_is_that_of_the_provider" {
  command = plan
  variables {
    region             = "us-east-1"
    availability_zones = []
  }
  expect_failures = [aws_kms_key.this]
}

run "another_database_is_refused" {
  command = plan
  variables {
    database = { engine = "mysql", instance_class = "db.t4g.medium" }
  }
  expect_failures = [var.database]
}

run "another_environment_is_refused" {
  command = plan
  variables {
    environment = "test"
  }
  expect_failures = [var.environment]
}
