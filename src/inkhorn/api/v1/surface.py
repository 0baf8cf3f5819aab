"""The blueprint of the first version; each module beside this one adds its operations to it."""

from inkhorn.api.room import Surface

bp = Surface("v1", "Everything that people do at the desk, for programs.")
