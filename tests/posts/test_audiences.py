"""Who may read a post: everybody, members, or its authors and the editors."""

import pytest

from inkhorn.core.database import session
from inkhorn.posts.models import Audience, Post, Status
from inkhorn.posts.policies import can_see_post
from inkhorn.posts.queries import posts_visible_to
from tests.factories.posts import make_post


@pytest.fixture
def of_each(wren):
    return {
        audience: make_post(title=f"For {audience}", author_ids=[wren.id], status=Status.PUBLISHED, audience=audience)
        for audience in Audience
    }


EVERY = set(Audience)
FOR_MEMBERS = {Audience.PUBLIC, Audience.MEMBERS}
MAY_READ = {"vic": {Audience.PUBLIC}, "rhea": {Audience.PUBLIC}, "mona": FOR_MEMBERS, "wren": EVERY, "emil": EVERY, "ada": EVERY}


@pytest.mark.parametrize("name", MAY_READ)
def test_each_may_read_what_is_meant_for_them(name, of_each, cast):
    actor = getattr(cast, name)
    visible = set(session().scalars(posts_visible_to(actor).with_only_columns(Post.id)))
    assert {audience for audience, post in of_each.items() if post.id in visible} == MAY_READ[name]
    assert {audience for audience, post in of_each.items() if can_see_post(actor, post)} == MAY_READ[name]
