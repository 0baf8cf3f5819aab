"""Letters: composed once, kept as rows, handed to a mail server by the runner, never twice for one purpose. Start in letters.py."""
