"""What tables hold, column by column, on a page that people look at."""
