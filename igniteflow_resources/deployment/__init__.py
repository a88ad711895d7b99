"""Deployment of endpoints: to a process on this machine, or to SageMaker."""
