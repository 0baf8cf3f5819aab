"""A preview of the second version, beside the first and over the same services."""
