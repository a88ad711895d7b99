mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "111111111111" }
  }
  mock_data "aws_region" {
    defaults = { region = "eu-central-1" }
  }
}

variables {
  bucket_name = "igniteflow-test"
  kms_key_arn = "arn:aws:kms:eu-central-1:111111111111:key/00000000-0000-0000-0000-000000000000"
}

run "nothing_is_public" {
  command = plan
  assert {
    condition = alltrue([
      aws_s3_bucket_public_access_block.this.block_public_acls,
      aws_s3_bucket_public_access_block.this.block_public_policy,
      aws_s3_bucket_public_access_block.this.ignore_public_acls,
      aws_s3_bucket_public_access_block.this.restrict_public_buckets,
    ])
    error_message = "The bucket can be made public."
  }
}

run "every_object_is_encrypted_with_the_key" {
  command = plan
  assert {
    condition     = one(aws_s3_bucket_server_side_encryption_configuration.this.rule).apply_server_side_encryption_by_default[0].kms_master_key_id == var.kms_key_arn
    error_message = "Objects are not encrypted with the given key."
  }
}

run "plain_http_is_denied" {
  command = apply
  assert {
    condition     = strcontains(aws_s3_bucket_policy.tls_only.policy, "aws:SecureTransport")
    error_message = "The bucket accepts requests without TLS."
  }
}

run "access_logs_are_off_by_default" {
  command = plan
  assert {
    condition     = length(aws_s3_bucket_logging.this) == 0
    error_message = "Access logs are configured without a target bucket."
  }
}
