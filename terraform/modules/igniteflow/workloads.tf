# Permissions of each service account of the chart. Serving requires no access to AWS.
locals {
  key = { Effect = "Allow", Action = ["kms:Decrypt", "kms:GenerateDataKey"], Resource = aws_kms_key.this.arn }

  list = {
    for name, prefixes in {
      run    = ["lake/*", "source/*", "stream/*", "models/*", "compute-logs/*"]
      stream = ["lake/*", "stream/*"]
      mlflow = ["mlflow/*"]
      logs   = ["compute-logs/*"]
      } : name => {
      Effect    = "Allow"
      Action    = "s3:ListBucket"
      Resource  = local.lake_arn
      Condition = { StringLike = { "s3:prefix" = prefixes } }
    }
  }

  write = {
    for name, prefixes in {
      run    = ["lake", "stream", "models", "compute-logs"]
      stream = ["lake", "stream"]
      mlflow = ["mlflow"]
      } : name => {
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"]
      Resource = [for prefix in prefixes : "${local.lake_arn}/${prefix}/*"]
    }
  }

  read_logs   = { Effect = "Allow", Action = "s3:GetObject", Resource = "${local.lake_arn}/compute-logs/*" }
  read_source = { Effect = "Allow", Action = "s3:GetObject", Resource = "${local.lake_arn}/source/*" }

  workloads = {
    run       = [local.key, local.list.run, local.write.run, local.read_source]
    stream    = [local.key, local.list.stream, local.write.stream]
    mlflow    = [local.key, local.list.mlflow, local.write.mlflow]
    webserver = [local.key, local.list.logs, local.read_logs]
  }
}
