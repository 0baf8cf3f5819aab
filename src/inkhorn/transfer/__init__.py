"""Whole sites in and out: readers of each format, and one set of verbs that carries what they read into the site. Start in manuscript.py."""
