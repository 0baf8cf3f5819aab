"""What the theme draws of comments: their shapes, and how threads are put into them."""
