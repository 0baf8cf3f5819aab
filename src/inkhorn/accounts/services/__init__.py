"""Everything that changes people: accounts and roles, sessions, ways in; bringing people in is a folder of its own."""
