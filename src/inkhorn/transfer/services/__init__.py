"""Carries any source into the site: carrying.py goes from record to record, fitting.py puts them in our terms, reporting.py says what became of them."""
