"""The operator's commands about people and their programs; group.py is the group of people, the others are what stands in it, keys.py has the rest."""

from inkhorn.accounts.commands import access as access
from inkhorn.accounts.commands import joining as joining
from inkhorn.accounts.commands import people as people
from inkhorn.accounts.commands.group import setup_link as setup_link
from inkhorn.accounts.commands.group import user as user
from inkhorn.accounts.commands.keys import GROUPS as GROUPS
