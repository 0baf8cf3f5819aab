"""Folders of text files as static site generators keep them: Zola, Hugo, Jekyll, Eleventy, Pelican, Lektor. Start in source.py."""
