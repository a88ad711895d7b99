mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "111111111111" }
  }
  mock_data "aws_region" {
    defaults = { region = "eu-central-1" }
  }
}

variables {
  cluster_name = "test"
  vpc_id       = "vpc-1"
  subnet_ids   = ["subnet-1", "subnet-2"]
  kms_key_arn  = "arn:aws:kms:eu-central-1:111111111111:key/00000000-0000-0000-0000-000000000000"
}

run "the_api_server_is_private_by_default" {
  command = plan
  assert {
    condition     = !aws_eks_cluster.this.vpc_config[0].endpoint_public_access
    error_message = "The API server can be reached over the internet."
  }
}

run "pods_cannot_reach_the_nodes_role" {
  command = plan
  assert {
    condition     = alltrue([for template in aws_launch_template.node : template.metadata_options[0].http_tokens == "required" && template.metadata_options[0].http_put_response_hop_limit == 1])
    error_message = "A pod can ask the metadata service for the node's credentials."
  }
}

run "spark_nodes_scale_from_nothing" {
  command = plan
  assert {
    condition     = aws_eks_node_group.this["spark"].scaling_config[0].min_size == 0
    error_message = "Idle Spark nodes cost money."
  }
}

run "the_whole_internet_is_refused" {
  command = plan
  variables {
    public_access_cidrs = ["0.0.0.0/0"]
  }
  expect_failures = [var.public_access_cidrs]
}
