"""What a reader sees: pages drawn by the theme. Start reading at views.py; it owns no table and announces nothing."""
