"""What people fill in to come in, and about themselves; one module for each family of pages."""
