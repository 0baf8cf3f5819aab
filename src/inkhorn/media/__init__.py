"""Uploads: pictures and files, kept once each, with smaller pictures made from large ones. Start in services.py; announces asset_stored, renditions_made."""
