"""Where endpoints run: a process on this machine, or SageMaker."""
