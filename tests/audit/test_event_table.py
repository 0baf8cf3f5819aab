"""Each row of the event table leaves exactly one entry, and no action is declared that nobody acts out."""

from collections import Counter

import pytest
from sqlalchemy import func, select

from inkhorn.core import audit
from inkhorn.core.audit import Entry
from inkhorn.core.database import session
from tests.audit import accounts, comments, core, guarding, joining, leaving, media, posts, programs, sound, transfer
from tests.audit.stage import Act, Stage

ROOMS = (
    core.ACTS,
    accounts.ACTS,
    joining.ACTS,
    guarding.ACTS,
    leaving.ACTS,
    programs.ACTS,
    media.ACTS,
    sound.ACTS,
    posts.ACTS,
    comments.ACTS,
    transfer.ACTS,
)
ACTS: dict[str, Act] = {action: act for acts in ROOMS for action, act in acts.items()}


@pytest.fixture
def stage(app, cast) -> Stage:
    return Stage(app, cast)


def test_every_declared_action_has_an_act_and_every_act_is_of_one(app):
    assert set(ACTS) == set(audit.declared_actions())
    assert len(ACTS) == sum(map(len, ROOMS))


@pytest.mark.parametrize("action", sorted(ACTS))
def test_it_leaves_exactly_one_entry(stage: Stage, action: str):
    deed = ACTS[action](stage)
    last = session().scalar(select(func.max(Entry.id))) or 0
    deed()
    session().expire_all()
    left = Counter(session().scalars(select(Entry.action).where(Entry.id > last)))
    assert left[action] == 1
    assert max(left.values()) == 1, f"more than one entry of an action: {left}"
