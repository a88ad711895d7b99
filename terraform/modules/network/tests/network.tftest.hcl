mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "111111111111" }
  }
  mock_data "aws_region" {
    defaults = { region = "eu-central-1" }
  }
}

variables {
  name               = "test"
  availability_zones = ["eu-central-1a", "eu-central-1b"]
  kms_key_arn        = "arn:aws:kms:eu-central-1:111111111111:key/00000000-0000-0000-0000-000000000000"
}

run "subnets_do_not_overlap" {
  command = plan
  assert {
    condition = length(distinct([
      for subnet in concat(values(aws_subnet.public), values(aws_subnet.private), values(aws_subnet.database)) : subnet.cidr_block
    ])) == 6
    error_message = "Two subnets have the same addresses."
  }
}

run "each_zone_has_a_nat_gateway_by_default" {
  command = plan
  assert {
    condition     = length(aws_nat_gateway.this) == 2
    error_message = "A zone depends on another zone's gateway."
  }
}

run "a_single_gateway_serves_all_zones" {
  command = plan
  variables {
    single_nat_gateway = true
  }
  assert {
    condition     = length(aws_nat_gateway.this) == 1
    error_message = "There is more than one gateway."
  }
}

run "one_zone_is_refused" {
  command = plan
  variables {
    availability_zones = ["eu-central-1a"]
  }
  expect_failures = [var.availability_zones]
}
