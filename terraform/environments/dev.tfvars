environment        = "dev"
region             = "eu-central-1"
availability_zones = ["eu-central-1a", "eu-central-1b", "eu-central-1c"]
data_lake_bucket   = "igniteflow-dev"

vpc_cidr           = "10.40.0.0/16"
single_nat_gateway = true
database           = { instance_class = "db.t4g.medium", multi_az = false }
monitoring         = {}
monthly_budget_usd = 600

node_groups = {
  platform = { instance_types = ["m7i.xlarge"], min_size = 1, max_size = 3 }
  spark = {
    instance_types = ["r7i.2xlarge", "r6i.2xlarge", "r7a.2xlarge"]
    capacity_type  = "SPOT"
    min_size       = 0
    max_size       = 2
    labels         = { "igniteflow.io/pool" = "spark" }
    taints         = { "igniteflow.io/pool" = "spark" }
  }
}
