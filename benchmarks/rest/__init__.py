"""The cost of fetching an API's pages, compared with reading the same rows from files."""
