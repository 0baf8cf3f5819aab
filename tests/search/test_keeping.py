"""The index follows every change through the outbox, and a look for what is behind makes good whatever was missed."""

from collections.abc import Callable

import pytest
from sqlalchemy import delete, select, update

from inkhorn.accounts.services.profiles import ProfileChanges, change_profile
from inkhorn.core.access import House
from inkhorn.core.database import session, transaction
from inkhorn.core.jobs import JobRow, registered_jobs
from inkhorn.posts.models import Post, Status
from inkhorn.posts.services.leaving import hand_over_posts, remove_posts
from inkhorn.posts.services.publishing import purge_post, restore_post, trash_post
from inkhorn.posts.services.writing import PostChanges, revise_post
from inkhorn.search import services, tasks
from inkhorn.search.models import SearchEntry
from inkhorn.search.services import differing
from tests.factories.posts import make_post

Find = Callable[[str], list[int]]


def run_jobs() -> list[str]:
    """Does what waits for the index, as the runner would; the names of what was done."""
    done = []
    while row := session().scalars(select(JobRow).where(JobRow.name.startswith("search.")).order_by(JobRow.id).limit(1)).one_or_none():
        name, args = row.name, row.args
        with transaction():
            session().execute(delete(JobRow).where(JobRow.id == row.id))
        registered_jobs()[name](**args)
        done.append(name)
    return done


def wrong() -> list[int]:
    return list(differing(lambda done, total: None))


def revise(post: Post, **changes: object) -> None:
    with transaction():
        revise_post(post, PostChanges(**changes), by=House(), against=post.revision)


def test_a_post_is_found_once_its_job_has_run(find: Find):
    post = make_post(title="Slack water", status=Status.PUBLISHED)
    assert find("slack") == []
    assert run_jobs() == ["search.index_post"]
    assert find("slack") == [post.id]


def test_many_saves_leave_one_job(find: Find):
    post = make_post(title="Slack", status=Status.PUBLISHED)
    for title in ("Bell", "Buoy", "Beacon"):
        revise(post, title=title)
    assert run_jobs() == ["search.index_post"]
    assert (find("slack"), find("beacon")) == ([], [post.id])


@pytest.mark.parametrize(
    "change", [{"title": "Kelp"}, {"body": "Much kelp."}, {"tags": ["Kelp"]}, {"excerpt": "Kelp."}], ids=lambda change: next(iter(change))
)
def test_whatever_a_save_changes_the_index_is_what_a_rebuild_would_make(find: Find, change: dict):
    post = make_post(status=Status.PUBLISHED)
    run_jobs()
    revise(post, **change)
    assert wrong() == [post.id]
    run_jobs()
    assert wrong() == []
    assert find("kelp") == ([] if "excerpt" in change else [post.id])


def test_a_post_in_the_trash_is_not_found_and_comes_back_with_its_words(find: Find):
    post = make_post(title="Slack", status=Status.PUBLISHED)
    run_jobs()
    with transaction():
        trash_post(post, by=House())
    assert find("slack") == []
    with transaction():
        restore_post(post, by=House())
    assert find("slack") == [post.id]


def test_what_is_removed_for_good_leaves_nothing_behind(find: Find):
    post = make_post(title="Slack", status=Status.TRASHED)
    run_jobs()
    with transaction():
        purge_post(post, by=House())
    assert session().scalars(select(SearchEntry.post_id)).all() == []
    with transaction():
        assert services.index().is_sound()


def test_a_job_for_a_post_that_is_gone_does_nothing(database: None):
    tasks.index_post(post_id=4711)
    assert session().scalars(select(SearchEntry.post_id)).all() == []


def test_a_new_name_is_found_and_the_old_one_is_not(find: Find, wren):
    post = make_post(by=wren, author_ids=[wren.id], status=Status.PUBLISHED)
    run_jobs()
    with transaction():
        change_profile(wren.user, ProfileChanges(name="Wilhelmina Adeyemi"), by=wren)
    run_jobs()
    assert (find("author:wren"), find("author:wilhelmina")) == ([], [post.id])


def test_an_heir_is_found_where_somebody_left(find: Find, wren, emil):
    post = make_post(by=wren, author_ids=[wren.id], status=Status.PUBLISHED)
    run_jobs()
    with transaction():
        hand_over_posts(wren.user, emil.user)
    run_jobs()
    assert (find("author:wren"), find("author:emil")) == ([], [post.id])


def test_whoever_leaves_without_an_heir_stands_in_no_entry(find: Find, wren, emil):
    from inkhorn.accounts.events import account_closed

    post = make_post(by=emil, author_ids=[emil.id, wren.id], status=Status.PUBLISHED)
    run_jobs()
    with transaction():
        remove_posts(wren.user)
        account_closed.send(wren.user, heir=None)
    run_jobs()
    assert (find("author:wren"), find("author:emil")) == ([], [post.id])
    assert wrong() == []


def test_what_was_missed_is_found_by_the_sweep(find: Find):
    missing, old, _right = (make_post(title=f"Slack {number}", status=Status.PUBLISHED) for number in range(3))
    run_jobs()
    with transaction():
        session().execute(delete(SearchEntry).where(SearchEntry.post_id == missing.id))
        session().execute(update(Post).where(Post.id == old.id).values(title="Kelp", revision=Post.revision + 1))
    session().expire_all()
    assert wrong() == [missing.id, old.id]
    tasks.catch_up()
    assert wrong() == []
    assert find("kelp") == [old.id]


def test_words_folded_by_an_older_version_are_folded_anew(find: Find):
    post = make_post(title="Slack", status=Status.PUBLISHED)
    run_jobs()
    with transaction():
        session().execute(update(SearchEntry).values(folding=0, title=" old "))
    tasks.catch_up()
    assert find("slack") == [post.id]


def test_one_post_that_cannot_be_taken_in_does_not_hold_up_the_others(find: Find, monkeypatch):
    bad, good = (make_post(title=f"Slack {word}", status=Status.PUBLISHED) for word in ("bad", "good"))
    make = services.entry_values
    monkeypatch.setattr(services, "entry_values", lambda post: 1 / 0 if post.id == bad.id else make(post))
    with pytest.raises(tasks.PostsLeftOut, match=f"numbers {bad.id}"):
        tasks.catch_up()
    assert find("slack") == [good.id]


def test_what_one_spell_leaves_is_the_next_ones_work(find: Find, monkeypatch):
    posts = [make_post(title="Slack", status=Status.PUBLISHED).id for _ in range(3)]
    monkeypatch.setattr(tasks, "BATCH", 1)
    monkeypatch.setattr(tasks, "SPELL_SECONDS", -1.0)
    with transaction():
        session().execute(delete(JobRow))
    tasks.catch_up()
    assert len(find("slack")) == 1
    run_jobs()
    assert sorted(find("slack")) == posts


def test_a_rollback_forgets_the_job_with_the_words(database: None):
    with pytest.raises(RuntimeError), transaction():
        from inkhorn.posts.services.writing import draft_post

        draft_post(by=House(), title="Never")
        raise RuntimeError
    assert run_jobs() == []


def test_the_sweep_reads_no_text(database: None):
    from inkhorn.search.queries import numbers_behind
    from tests.plans import plans, walked_whole

    make_post()
    with plans() as steps:
        session().scalars(numbers_behind(50)).all()
    assert walked_whole(steps) == []
    assert not [step for step in steps if "SCAN search_entry" in step and "COVERING" not in step]
