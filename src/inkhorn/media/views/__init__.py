"""Addresses of files and of the pictures that stand for people."""
