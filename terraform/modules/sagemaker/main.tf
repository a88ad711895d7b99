data "aws_caller_identity" "current" {}
data "aws_region" "current" {}

locals {
  account  = data.aws_caller_identity.current.account_id
  region   = data.aws_region.current.region
  endpoint = "arn:aws:sagemaker:${local.region}:${local.account}"
}

# Permissions of an endpoint's container: read its model, write captured data, write logs.
resource "aws_iam_role" "execution" {
  name = "${var.name}-sagemaker"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "sagemaker.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
    }]
  })
}

resource "aws_iam_role_policy" "execution" {
  role = aws_iam_role.execution.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = "s3:GetObject", Resource = "${var.bucket_arn}/models/*" },
      { Effect = "Allow", Action = "s3:PutObject", Resource = "${var.bucket_arn}/capture/*" },
      { Effect = "Allow", Action = ["kms:Decrypt", "kms:GenerateDataKey"], Resource = var.kms_key_arn },
      {
        Effect   = "Allow"
        Action   = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability"]
        Resource = var.image_repository_arn
      },
      { Effect = "Allow", Action = "ecr:GetAuthorizationToken", Resource = "*" },
      {
        Effect   = "Allow"
        Action   = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "arn:aws:logs:${local.region}:${local.account}:log-group:/aws/sagemaker/*"
      },
    ]
  })
}

# Permissions of a run that deploys a champion.
resource "aws_iam_policy" "deploy" {
  name = "${var.name}-sagemaker-deploy"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Action = [
          "sagemaker:CreateModel", "sagemaker:DescribeModel", "sagemaker:DeleteModel",
          "sagemaker:CreateEndpointConfig", "sagemaker:DescribeEndpointConfig", "sagemaker:DeleteEndpointConfig",
          "sagemaker:CreateEndpoint", "sagemaker:UpdateEndpoint", "sagemaker:DescribeEndpoint",
          "sagemaker:DeleteEndpoint", "sagemaker:AddTags", "sagemaker:InvokeEndpoint",
        ]
        Resource = [for kind in ["model", "endpoint-config", "endpoint"] : "${local.endpoint}:${kind}/${var.name}*"]
      },
      {
        Effect    = "Allow"
        Action    = "iam:PassRole"
        Resource  = aws_iam_role.execution.arn
        Condition = { StringEquals = { "iam:PassedToService" = "sagemaker.amazonaws.com" } }
      },
      {
        Effect   = "Allow"
        Action   = ["cloudwatch:PutMetricAlarm", "cloudwatch:DescribeAlarms", "cloudwatch:DeleteAlarms"]
        Resource = "arn:aws:cloudwatch:${local.region}:${local.account}:alarm:${var.name}*"
      },
      {
        Effect   = "Allow"
        Action   = ["application-autoscaling:RegisterScalableTarget", "application-autoscaling:PutScalingPolicy"]
        Resource = "arn:aws:application-autoscaling:${local.region}:${local.account}:scalable-target/*"
      },
    ]
  })
}

resource "aws_iam_role_policy_attachment" "deploy" {
  for_each   = var.deployer_role_names
  role       = each.value
  policy_arn = aws_iam_policy.deploy.arn
}
