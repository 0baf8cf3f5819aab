"""Reads a WordPress export (WXR); start reading in source.py, which offers wordpress_source()."""
