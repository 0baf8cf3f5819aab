"""Jobs about accounts: letters to write, and what is to be cleared away."""
