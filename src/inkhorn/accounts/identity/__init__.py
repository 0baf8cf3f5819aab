"""Who is asking: Flask-Security set up on our models, server-side sessions, and the actor of every request."""
