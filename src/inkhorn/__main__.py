"""`python -m inkhorn` is `inkhorn`."""

from importlib import import_module

# By name, since the entrances of the house do not know each other.
import_module("inkhorn.cli").main()
