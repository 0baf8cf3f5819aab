"""A publication to try: Low Water, a small magazine of tides, tools and attention; everybody in it is invented."""
