"""One module for each page of the owner's room and the buttons on it."""
