"""From delivered transactions, customers and terminals to tables to trust."""
