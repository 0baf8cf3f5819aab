"""Who is asking: Flask-Security on our models, server-side sessions, the actor of every request, second steps, passkeys, providers, fresh proofs."""
