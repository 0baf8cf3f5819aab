"""Who may do what with a post: a table of actor, verb and answer."""

import pytest

from inkhorn.core.access import Forbidden
from inkhorn.core.database import session
from inkhorn.core.errors import NotFound
from inkhorn.posts import policies
from inkhorn.posts.models import Status
from inkhorn.posts.queries import desk_posts, posts_visible_to, status_counts
from tests.factories.accounts import make_user
from tests.factories.posts import make_post

EVERYONE = ("ada", "emil", "wren", "rhea", "vic")
# verb, state of Wren's post -> who may
ALLOWED = {
    (policies.can_see_post, Status.PUBLISHED): {"ada", "emil", "wren", "rhea", "vic"},
    (policies.can_see_post, Status.DRAFT): {"ada", "emil", "wren"},
    (policies.can_see_post, Status.SCHEDULED): {"ada", "emil", "wren"},
    (policies.can_see_post, Status.TRASHED): {"ada", "emil", "wren"},
    (policies.can_edit_post, Status.PUBLISHED): {"ada", "emil", "wren"},
    (policies.can_publish_post, Status.DRAFT): {"ada", "emil", "wren"},
    (policies.can_trash_post, Status.PUBLISHED): {"ada", "emil", "wren"},
    (policies.can_purge_post, Status.TRASHED): {"ada", "emil"},
}


@pytest.mark.parametrize(("question", "status"), ALLOWED, ids=lambda each: getattr(each, "__name__", str(each)))
def test_each_of_the_cast_may_what_the_table_says(cast, clock, question, status):
    post = make_post(by=cast.wren, status=status, at=clock.tomorrow() if status is Status.SCHEDULED else None)
    answers = {name for name in EVERYONE if question(getattr(cast, name), post)}
    assert answers == ALLOWED[question, status]


def test_another_author_finds_a_strangers_draft_nowhere(wren, cast, signed_in):
    other = cast._person("olga", "author")
    post = make_post(by=wren)
    with pytest.raises(NotFound):
        policies.get_post_for(other, post.id, can=policies.can_edit_post)
    assert list(session().scalars(desk_posts(other))) == []


def test_a_colleague_who_may_edit_but_not_purge_is_forbidden(wren):
    post = make_post(by=wren, status=Status.TRASHED)
    with pytest.raises(Forbidden):
        policies.get_post_for(wren, post.id, can=policies.can_purge_post)


@pytest.mark.parametrize("number", [0, -1, 2**31, 2**63, 10**30])
def test_a_number_that_cannot_be_a_post_is_not_found(ada, number):
    with pytest.raises(NotFound):
        policies.get_post_for(ada, number, can=policies.can_edit_post)


def test_a_co_author_may_edit(wren):
    ida = make_user(email="ida@example.org", name="Ida")
    post = make_post(by=wren, author_ids=[wren.id, ida.id])
    assert [line.user_id for line in post.bylines] == [wren.id, ida.id]


def test_lists_follow_the_same_rule(wren, rhea, emil):
    draft, live = make_post(by=wren), make_post(by=wren, status=Status.PUBLISHED)
    assert set(session().scalars(posts_visible_to(rhea))) == {live}
    assert set(session().scalars(posts_visible_to(emil))) == {draft, live}
    assert status_counts(emil)[Status.DRAFT] == 1
