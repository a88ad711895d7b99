"""The Delta lake: where its tables lie, and how assets read and write them."""
