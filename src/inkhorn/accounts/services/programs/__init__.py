"""What programs sign in by: keys.py makes and ends keys, refreshing.py the chains of tokens that a password begins."""
