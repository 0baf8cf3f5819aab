"""A whole site kept in one file: making.py and restoring.py are the two ways, shelf.py is where the files stand, moving.py is for the database alone."""
