"""Pictures looked into, cleaned and made smaller, always in a limited child process. Start in studio.py; child.py is the process."""
