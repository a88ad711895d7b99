# Monitoring outside the reach of Prometheus in the cluster: the database, and the costs.
locals {
  alarms = {
    database-cpu = {
      metric = "CPUUtilization", comparison = "GreaterThanThreshold", threshold = 80
    }
    database-storage = {
      metric = "FreeStorageSpace", comparison = "LessThanThreshold", threshold = 10 * 1024 * 1024 * 1024
    }
    database-connections = {
      metric = "DatabaseConnections", comparison = "GreaterThanThreshold", threshold = 300
    }
  }
}

resource "aws_sns_topic" "alarms" {
  name              = "${var.name}-alarms"
  kms_master_key_id = var.kms_key_arn
}

resource "aws_sns_topic_subscription" "mail" {
  for_each  = var.alarm_emails
  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "email"
  endpoint  = each.value
}

resource "aws_cloudwatch_metric_alarm" "database" {
  for_each            = local.alarms
  alarm_name          = "${var.name}-${each.key}"
  namespace           = "AWS/RDS"
  metric_name         = each.value.metric
  comparison_operator = each.value.comparison
  threshold           = each.value.threshold
  statistic           = "Average"
  period              = 300
  evaluation_periods  = 3
  treat_missing_data  = "breaching"
  dimensions          = { DBInstanceIdentifier = var.database_identifier }
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}

resource "aws_budgets_budget" "monthly" {
  count        = var.monthly_budget_usd == null ? 0 : 1
  name         = var.name
  budget_type  = "COST"
  limit_amount = tostring(var.monthly_budget_usd)
  limit_unit   = "USD"
  time_unit    = "MONTHLY"

  dynamic "notification" {
    for_each = length(var.alarm_emails) > 0 ? { ACTUAL = 80, FORECASTED = 100 } : {}
    content {
      notification_type          = notification.key
      threshold                  = notification.value
      threshold_type             = "PERCENTAGE"
      comparison_operator        = "GREATER_THAN"
      subscriber_email_addresses = var.alarm_emails
    }
  }
}
