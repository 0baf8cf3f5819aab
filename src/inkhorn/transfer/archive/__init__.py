"""Our own archive: a whole site in one file, made by and read with services/keeping/. Start in contents.py."""
