"""Everything that changes albums, shows and what they hold: albums.py and tracks.py, shows.py and episodes.py; settling.py is what they share."""
