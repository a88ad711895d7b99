mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "111111111111" }
  }
  mock_data "aws_region" {
    defaults = { region = "eu-central-1" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111111111111:role/test-sagemaker" }
  }
  mock_resource "aws_iam_policy" {
    defaults = { arn = "arn:aws:iam::111111111111:policy/test-sagemaker-deploy" }
  }
}

variables {
  name                 = "test"
  bucket_arn           = "arn:aws:s3:::test-lake"
  kms_key_arn          = "arn:aws:kms:eu-central-1:111111111111:key/00000000-0000-0000-0000-000000000000"
  image_repository_arn = "arn:aws:ecr:eu-central-1:111111111111:repository/igniteflow/serving"
  deployer_role_names  = ["test-run"]
}

run "an_endpoint_reads_models_and_only_writes_captured_data" {
  assert {
    condition = [
      for statement in jsondecode(aws_iam_role_policy.execution.policy).Statement : statement.Resource
      if length(regexall("^s3:", join(",", flatten([statement.Action])))) > 0
    ] == ["arn:aws:s3:::test-lake/models/*", "arn:aws:s3:::test-lake/capture/*"]
    error_message = "An endpoint has access to other parts of the bucket."
  }
  assert {
    condition     = jsondecode(aws_iam_role.execution.assume_role_policy).Statement[0].Condition.StringEquals["aws:SourceAccount"] == "111111111111"
    error_message = "Another account's SageMaker may assume the role."
  }
}

run "a_run_passes_only_that_role_and_only_to_sagemaker" {
  assert {
    condition = [
      for statement in jsondecode(aws_iam_policy.deploy.policy).Statement : statement
      if contains(flatten([statement.Action]), "iam:PassRole")
      ][0] == {
      Effect    = "Allow"
      Action    = "iam:PassRole"
      Resource  = "arn:aws:iam::111111111111:role/test-sagemaker"
      Condition = { StringEquals = { "iam:PassedToService" = "sagemaker.amazonaws.com" } }
    }
    error_message = "A run may pass other roles, or pass roles to other services."
  }
  assert {
    condition     = alltrue([for statement in jsondecode(aws_iam_policy.deploy.policy).Statement : !contains(flatten([statement.Resource]), "*")])
    error_message = "A run has a permission for all resources."
  }
  assert {
    condition     = keys(aws_iam_role_policy_attachment.deploy) == ["test-run"]
    error_message = "Roles other than the role of runs may deploy."
  }
}
