"""Everything that changes people: accounts and roles, sessions, the first set-up."""
