"""The pages of accounts: ways in (doors, second, joining, recovering), the set-up; everybody's own account is a folder of its own."""
