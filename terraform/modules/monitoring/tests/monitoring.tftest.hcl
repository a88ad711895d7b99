mock_provider "aws" {
  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:eu-central-1:111111111111:test-alarms" }
  }
}

variables {
  name                = "test"
  kms_key_arn         = "arn:aws:kms:eu-central-1:111111111111:key/00000000-0000-0000-0000-000000000000"
  alarm_emails        = ["people@example.com"]
  database_identifier = "test"
  monthly_budget_usd  = 500
}

run "alarms_and_their_resolution_are_sent" {
  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.database : alarm.alarm_actions == toset([aws_sns_topic.alarms.arn]) && alarm.ok_actions == toset([aws_sns_topic.alarms.arn])])
    error_message = "An alarm, or its resolution, is not sent to the topic."
  }
  assert {
    condition     = keys(aws_sns_topic_subscription.mail) == ["people@example.com"]
    error_message = "The email address is not subscribed."
  }
}

run "missing_data_of_the_database_is_an_alarm" {
  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.database : alarm.treat_missing_data == "breaching" && alarm.dimensions["DBInstanceIdentifier"] == "test"])
    error_message = "Missing data is not treated as breaching, or another database is monitored."
  }
}

run "a_budget_email_is_sent_before_the_budget_is_spent" {
  assert {
    condition     = { for notification in aws_budgets_budget.monthly[0].notification : notification.notification_type => notification.threshold } == { ACTUAL = 80, FORECASTED = 100 }
    error_message = "No email is sent before the budget is spent."
  }
}
