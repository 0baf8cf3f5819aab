"""`python -m inkhorn` is `inkhorn`."""

from inkhorn.cli import main

main()
