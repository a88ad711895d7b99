"""What it costs to fetch an API's pages, beside reading the same rows from files."""
