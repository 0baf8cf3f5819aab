"""The writing desk: desk.py shows lists, editor.py edits, moves.py publishes and takes back."""
