"""What an endpoint serves: a folder of model versions, and a file that splits the traffic."""
