"""Conversion of the HTML pages to other formats."""
