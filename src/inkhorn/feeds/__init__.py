"""Feeds, sitemaps and robots.txt: what programs read of the public site; owns no tables. Start reading in views.py."""
