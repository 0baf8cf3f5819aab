"""People brought in: invited one or many, lists of them read, invitations accepted, accounts of another program taken over."""
