"""Validators and crawlers of others, held against our site."""
