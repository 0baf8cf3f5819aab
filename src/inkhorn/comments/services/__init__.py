"""Everything that changes a comment: posting, moving between its states, reacting."""
