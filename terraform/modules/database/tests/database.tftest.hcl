mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "111111111111" }
  }
  mock_data "aws_region" {
    defaults = { region = "eu-central-1" }
  }
}

variables {
  name                      = "test"
  vpc_id                    = "vpc-1"
  subnet_ids                = ["subnet-1", "subnet-2"]
  client_security_group_ids = { nodes = "sg-1" }
  kms_key_arn               = "arn:aws:kms:eu-central-1:111111111111:key/00000000-0000-0000-0000-000000000000"
}

run "the_database_is_private_encrypted_and_backed_up" {
  command = plan
  assert {
    condition     = !aws_db_instance.this.publicly_accessible && aws_db_instance.this.storage_encrypted
    error_message = "The database is public or not encrypted."
  }
  assert {
    condition     = aws_db_instance.this.backup_retention_period >= 7 && !aws_db_instance.this.skip_final_snapshot
    error_message = "The database has too few backups."
  }
  assert {
    condition     = aws_db_instance.this.manage_master_user_password && aws_db_instance.this.password == null
    error_message = "The master password is stored in the state."
  }
}

run "only_the_named_groups_may_connect" {
  command = plan
  assert {
    condition     = keys(aws_vpc_security_group_ingress_rule.clients) == ["nodes"] && aws_vpc_security_group_ingress_rule.clients["nodes"].cidr_ipv4 == null
    error_message = "Security groups other than the nodes' may connect."
  }
}

run "too_few_backups_are_refused" {
  command = plan
  variables {
    backup_retention_days = 1
  }
  expect_failures = [var.backup_retention_days]
}
