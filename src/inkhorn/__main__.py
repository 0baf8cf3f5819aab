"""Where the `inkhorn` command and `python -m inkhorn` begin."""

import sys
from importlib import import_module


def main() -> None:
    """Run the command; Ctrl+C is taken well while its code is still being read, too."""
    try:
        # By name, since the entrances of the house do not know each other.
        import_module("inkhorn.cli").main()
    except KeyboardInterrupt:
        sys.stderr.write("\ninkhorn: Interrupted.\n")
        sys.exit(130)


if __name__ == "__main__":
    main()
