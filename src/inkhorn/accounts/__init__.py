"""People: who they are, how they sign in and what they may do. Start in models.py; announces account_created, role_changed, site_set_up."""
