environment        = "prod"
region             = "eu-central-1"
availability_zones = ["eu-central-1a", "eu-central-1b", "eu-central-1c"]
data_lake_bucket   = "igniteflow-prod"

vpc_cidr           = "10.20.0.0/16"
single_nat_gateway = false
database           = { instance_class = "db.m7g.large", multi_az = true }
monitoring         = {}
monthly_budget_usd = 6000

node_groups = {
  platform = { instance_types = ["m7i.xlarge"], min_size = 3, max_size = 10 }
  spark = {
    instance_types = ["r7i.2xlarge", "r6i.2xlarge", "r7a.2xlarge"]
    capacity_type  = "SPOT"
    min_size       = 0
    max_size       = 20
    labels         = { "igniteflow.io/pool" = "spark" }
    taints         = { "igniteflow.io/pool" = "spark" }
  }
}
