"""What can be found: an index of every post's words, kept by events. Start reading at grammar.py, then index.py; it announces nothing."""
