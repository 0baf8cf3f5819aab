"""Everything that changes a post: writing, publishing, addresses, rendering, importing."""
