"""The room's part of the `inkhorn` command; running.py is the loop, shell.py what people type."""

from inkhorn.transfer.commands.shell import GROUPS as GROUPS
