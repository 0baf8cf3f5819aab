"""How programs are known: bearers.py reads what they show, jwt.py makes and reads access tokens, letting_in.py signs them in."""
