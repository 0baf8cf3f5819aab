"""The law of the house as tests; each shows on a planted fault that it bites."""
