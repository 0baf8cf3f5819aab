"""One module for each generator: what is a post there, where it was served, and what its own marks mean."""
