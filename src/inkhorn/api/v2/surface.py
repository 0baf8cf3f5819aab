"""The blueprint of the second version."""

from inkhorn.api.room import Surface

bp = Surface("v2", "A preview: what stands here may change until it is finished.")
