"""What readers say under posts, and what becomes of it. Start in services/; announces comment_posted, comment_held, comment_approved, comment_trashed."""
