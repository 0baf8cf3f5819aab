"""The pages of everybody's own account, one section each."""
