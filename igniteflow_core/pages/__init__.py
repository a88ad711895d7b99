"""Our pages of HTML in other forms."""
