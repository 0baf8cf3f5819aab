"""What the room of people sends: moves of one or of many, and roles of the site's own."""

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length

from inkhorn.accounts.models import Role
from inkhorn.accounts.policies import PERMISSIONS
from inkhorn.accounts.services.roles import LONGEST_MEANING, LONGEST_ROLE_NAME
from inkhorn.core.forms import Form

# None leaves it to the profile, which asks it of the powerful in production.
DEMANDS: dict[str, bool | None] = {"": None, "yes": True, "no": False}
DEMAND_WORDS = (("", _l("As the profile says")), ("yes", _l("Must have one")), ("no", _l("May do without")))


class MoveForm(Form):
    """A button: nothing but the token."""


class MoveManyForm(Form):
    """What to do with the chosen ones."""

    move = StringField(validators=[InputRequired(_l("Choose what to do."))])
    chosen = SelectMultipleField(coerce=int, validate_choice=False)
    to_role = StringField()


class ChangeRoleForm(Form):
    """The role that somebody is to have."""

    role = StringField(_l("Role"), [InputRequired(_l("Choose a role.")), Length(max=LONGEST_ROLE_NAME)])


class DemandForm(Form):
    """Whether the people of a role must have a second factor."""

    demands = SelectField(_l("Second factor"), choices=DEMAND_WORDS)

    def wanted(self) -> bool | None:
        return DEMANDS[self.demands.data]


class RedefineRoleForm(DemandForm):
    """What a role of the site's own means and may do."""

    description = StringField(
        _l("What it is for"), [Length(max=LONGEST_MEANING, message=_l("At most %(number)s characters.", number=LONGEST_MEANING))]
    )
    permissions = SelectMultipleField(_l("What it may do"), validate_choice=False)

    @classmethod
    def about(cls, role: Role) -> "RedefineRoleForm":
        demands = next(word for word, value in DEMANDS.items() if value is role.demands_second_factor)
        return cls(description=role.description, permissions=list(role.permissions), demands=demands)

    def told(self) -> dict[str, Any]:
        """What the form says, for the verbs."""
        known: Iterable[str] = self.permissions.data or ()
        return {"description": self.description.data or "", "permissions": list(known), "demands_second_factor": self.wanted()}


class MakeRoleForm(RedefineRoleForm):
    """The same, with a name that stays as it is."""

    name = StringField(
        _l("Name"),
        [
            InputRequired(_l("Name the role.")),
            Length(max=LONGEST_ROLE_NAME, message=_l("At most %(number)s characters.", number=LONGEST_ROLE_NAME)),
        ],
    )


def boxes(own: Iterable[str]) -> list[tuple[str, str, bool]]:
    """Every permission with its meaning, and whether the actor may give it; the owner's is nobody's to give."""
    held = set(own)
    return [(word, meaning, word in held) for word, meaning in PERMISSIONS.items() if word != "site.own"]
