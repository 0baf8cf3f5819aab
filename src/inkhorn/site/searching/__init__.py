"""What readers search and find; start reading at page.py."""
