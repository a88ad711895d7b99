# Roles for service accounts: only a pod's service account may assume its role.
resource "aws_iam_openid_connect_provider" "this" {
  url            = aws_eks_cluster.this.identity[0].oidc[0].issuer
  client_id_list = ["sts.amazonaws.com"]
}

locals {
  issuer = replace(aws_iam_openid_connect_provider.this.url, "https://", "")
  system = {
    autoscaler = { namespace = "kube-system", account = "cluster-autoscaler" }
    efs        = { namespace = "kube-system", account = "efs-csi-controller-sa" }
  }
  trust = { for key, subject in merge(
    { for name, _ in var.workload_policies : name => { namespace = var.namespace, account = "igniteflow-${name}" } },
    local.system,
    ) : key => jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Effect    = "Allow"
        Action    = "sts:AssumeRoleWithWebIdentity"
        Principal = { Federated = aws_iam_openid_connect_provider.this.arn }
        Condition = { StringEquals = {
          "${local.issuer}:aud" = "sts.amazonaws.com"
          "${local.issuer}:sub" = "system:serviceaccount:${subject.namespace}:${subject.account}"
        } }
      }]
  }) }
}

resource "aws_iam_role" "workload" {
  for_each           = var.workload_policies
  name               = "${var.cluster_name}-${each.key}"
  assume_role_policy = local.trust[each.key]
}

resource "aws_iam_role_policy" "workload" {
  for_each = var.workload_policies
  role     = aws_iam_role.workload[each.key].id
  policy   = each.value
}

resource "aws_iam_role" "system" {
  for_each           = local.system
  name               = "${var.cluster_name}-${each.key}"
  assume_role_policy = local.trust[each.key]
}

resource "aws_iam_role_policy_attachment" "efs" {
  role       = aws_iam_role.system["efs"].name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonEFSCSIDriverPolicy"
}

resource "aws_iam_role_policy" "autoscaler" {
  role = aws_iam_role.system["autoscaler"].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Action = [
          "autoscaling:DescribeAutoScalingGroups", "autoscaling:DescribeAutoScalingInstances",
          "autoscaling:DescribeLaunchConfigurations", "autoscaling:DescribeScalingActivities",
          "autoscaling:DescribeTags", "ec2:DescribeImages", "ec2:DescribeInstanceTypes",
          "ec2:DescribeLaunchTemplateVersions", "ec2:GetInstanceTypesFromInstanceRequirements",
          "eks:DescribeNodegroup",
        ]
        Resource = "*"
      },
      {
        Effect    = "Allow"
        Action    = ["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"]
        Resource  = "*"
        Condition = { StringEquals = { "aws:ResourceTag/k8s.io/cluster-autoscaler/${var.cluster_name}" = "owned" } }
      },
    ]
  })
}
