"""Whoever renames a tag or themselves is found by the new name at once, in however many posts, and by the old one no more."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from inkhorn.accounts.services.profiles import ProfileChanges, change_profile
from inkhorn.core.access import House
from inkhorn.core.database import session, transaction
from inkhorn.core.jobs import JobRow
from inkhorn.posts.models import Status, Tag
from inkhorn.posts.services.labels import change_tag
from inkhorn.search import services, tasks
from tests.api.program import Program
from tests.factories.posts import make_post
from tests.search.test_keeping import run_jobs, wrong

Find = Callable[[str], list[int]]


def tides(many: int, **more: object) -> list[int]:
    made = [make_post(title=f"Slack {number}", status=Status.PUBLISHED, tags=["Tides"], **more).id for number in range(many)]
    run_jobs()
    return made


def rename(name: str, *, by) -> None:
    with transaction():
        change_tag(session().scalars(select(Tag)).one(), name=name, by=by)


def test_a_renamed_tag_is_found_by_its_new_name_alone(find: Find, emil):
    (post,) = tides(1)
    other = make_post(title="Kelp", status=Status.PUBLISHED).id
    rename("Currents", by=emil)
    assert run_jobs() == ["search.index_post", "search.index_posts_tagged"]
    assert (find("tag:tides"), find("tag:currents"), find("kelp")) == ([], [post], [other])
    assert wrong() == []


def test_a_tag_renamed_by_program_is_found(app, cast, find: Find):
    (post,) = tides(1)
    tag = session().scalars(select(Tag.id)).one()
    assert Program(app, cast, "emil").send("PATCH", f"/tags/{tag}", {"name": "Currents"}, If_Match="*").status_code == 200
    run_jobs()
    assert (find("tag:tides"), find("tag:currents")) == ([], [post])


def test_what_only_describes_a_tag_moves_nothing(find: Find, emil):
    tides(1)
    with transaction():
        change_tag(session().scalars(select(Tag)).one(), description="What the moon does.", by=emil)
    assert run_jobs() == []


@pytest.mark.parametrize("many", [1, 2, 5])
def test_many_posts_are_taken_in_batch_by_batch(find: Find, emil, monkeypatch, many: int):
    monkeypatch.setattr(tasks, "BATCH", 2)
    posts = tides(many)
    rename("Currents", by=emil)
    assert run_jobs() == ["search.index_posts_tagged"] * (many // 2 + 1)
    assert sorted(find("tag:currents")) == posts


def test_a_batch_that_was_stopped_is_done_again(find: Find, emil, monkeypatch):
    monkeypatch.setattr(tasks, "BATCH", 2)
    posts, index = tides(5), services.index_posts
    rename("Currents", by=emil)
    monkeypatch.setattr(services, "index_posts", lambda numbers: (_ for _ in ()).throw(KeyboardInterrupt))
    (waiting,) = session().scalars(select(JobRow).where(JobRow.name == "search.index_posts_tagged"))
    with pytest.raises(KeyboardInterrupt):
        tasks.index_posts_tagged(**waiting.args)
    monkeypatch.setattr(services, "index_posts", index)
    run_jobs()
    assert sorted(find("tag:currents")) == posts


def test_one_post_that_cannot_be_taken_in_holds_up_none(find: Find, emil, monkeypatch):
    monkeypatch.setattr(tasks, "BATCH", 2)
    posts, make = tides(3), services.entry_values
    rename("Currents", by=emil)
    monkeypatch.setattr(services, "entry_values", lambda post: 1 / 0 if post.id == posts[0] else make(post))
    with pytest.raises(tasks.PostsLeftOut, match=f"numbers {posts[0]}"):
        run_jobs()
    run_jobs()
    assert sorted(find("tag:currents")) == posts[1:]


def test_a_second_name_is_the_one_that_stays(find: Find, emil, monkeypatch):
    monkeypatch.setattr(tasks, "BATCH", 2)
    posts = tides(5)
    rename("Currents", by=emil)
    tasks.index_posts_tagged(session().scalars(select(Tag.id)).one())
    rename("Streams", by=House())
    run_jobs()
    assert (find("tag:currents"), sorted(find("tag:streams"))) == ([], posts)


def test_an_author_of_many_posts_is_found_by_the_new_name(find: Find, wren, monkeypatch):
    monkeypatch.setattr(tasks, "BATCH", 2)
    posts = tides(5, by=wren, author_ids=[wren.id])
    with transaction():
        change_profile(wren.user, ProfileChanges(name="Wilhelmina Adeyemi"), by=wren)
    assert run_jobs() == ["search.index_posts_of"] * 3
    assert (find("author:wren"), sorted(find("author:wilhelmina"))) == ([], posts)
