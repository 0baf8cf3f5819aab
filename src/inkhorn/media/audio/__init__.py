"""Sound looked into: is it whole, how long, what its tags say; always in a limited child process. Start in listening.py; child.py is the process."""
