"""Systems: what a trainer trains."""
