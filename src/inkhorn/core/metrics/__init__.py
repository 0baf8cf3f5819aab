"""Figures of how the site fares, counted by every process of a machine and told together to whoever watches it."""
