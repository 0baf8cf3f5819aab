"""Everything about a post or page except how a reader sees it. Start in services/; announces post_published, post_revised, post_unpublished, post_trashed."""
