"""Uploads: pictures and files, kept once each, with smaller pictures made from large ones. Start in services/; announces asset_stored, renditions_made."""
