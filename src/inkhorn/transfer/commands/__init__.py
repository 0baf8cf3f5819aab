"""The room's part of the `inkhorn` command; running.py is the loop of an import, shell.py and keeping.py what people type."""

from inkhorn.transfer.commands.shell import GROUPS as GROUPS
