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

run "every_alarm_and_its_end_reach_people" {
  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.database : alarm.alarm_actions == toset([aws_sns_topic.alarms.arn]) && alarm.ok_actions == toset([aws_sns_topic.alarms.arn])])
    error_message = "An alarm, or its end, reaches nobody."
  }
  assert {
    condition     = keys(aws_sns_topic_subscription.mail) == ["people@example.com"]
    error_message = "Nobody is mailed."
  }
}

run "a_database_that_says_nothing_is_an_alarm" {
  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.database : alarm.treat_missing_data == "breaching" && alarm.dimensions["DBInstanceIdentifier"] == "test"])
    error_message = "Silence passes for health, or another database is watched."
  }
}

run "the_budget_is_said_before_it_is_spent" {
  assert {
    condition     = { for notification in aws_budgets_budget.monthly[0].notification : notification.notification_type => notification.threshold } == { ACTUAL = 80, FORECASTED = 100 }
    error_message = "Nobody is told before the budget is spent."
  }
}
