"""Reads a WordPress export (WXR); start reading in source.py."""

from inkhorn.transfer.wordpress.source import wordpress_source as wordpress_source
