"""The room's edges: where readers write, confirm, edit and react, and where moderators decide."""
