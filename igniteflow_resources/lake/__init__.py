"""The Delta lake: its tables, and the IO manager with which assets read and write them."""
