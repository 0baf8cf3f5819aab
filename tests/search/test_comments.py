"""What readers see under a post leads to it; what they do not see does not, from the very moment it is taken away."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete

from inkhorn.comments.models import State
from inkhorn.comments.services.importing import ArrivedComment, take_in_comments
from inkhorn.comments.services.moving import approve_comment, trash_comment
from inkhorn.comments.settings import CommentSettings
from inkhorn.core import settings
from inkhorn.core.access import House
from inkhorn.core.database import session, transaction
from inkhorn.core.jobs import JobRow
from inkhorn.posts.models import Status
from inkhorn.search import tasks
from tests.search.conftest import indexed_post
from tests.search.test_keeping import run_jobs, wrong


@pytest.fixture
def post(database: None):
    return indexed_post(title="The clock", body="It does not tick.", status=Status.PUBLISHED)


def say(post, words: str, state: State = State.APPROVED):
    from inkhorn.comments.models import Comment

    with transaction():
        take_in_comments(post, [ArrivedComment(key=words, name="Ida", body=words, state=state)], origin="test")
    return session().query(Comment).order_by(Comment.id.desc()).first()


def test_a_comment_leads_to_its_post_and_is_shown_with_its_writer(client: FlaskClient, post):
    say(post, "My grandfather fed the **heliotrope**.")
    run_jobs()
    html = client.get("/search?q=heliotrope").text
    assert "fed the <mark>heliotrope</mark>." in html
    assert "in a comment by Ida" in html


@pytest.mark.parametrize("state", [State.WAITING, State.SPAM, State.TRASHED, State.UNCONFIRMED])
def test_what_readers_do_not_see_leads_nowhere(find, post, state: State):
    say(post, "heliotrope", state)
    run_jobs()
    assert find("heliotrope") == []


def test_a_comment_is_found_once_it_is_approved(find, post):
    comment = say(post, "heliotrope", State.WAITING)
    with transaction():
        approve_comment(comment, by=House())
    run_jobs()
    assert find("heliotrope") == [post.id]
    assert wrong() == []


def test_what_is_taken_away_is_found_no_more_before_any_job_has_run(find, post):
    comment = say(post, "heliotrope")
    run_jobs()
    with transaction():
        trash_comment(comment, by=House())
    assert find("heliotrope") == []
    with transaction():
        session().execute(delete(JobRow))
    # Even if the job were lost, the sweep would know.
    tasks.catch_up()
    assert find("clock") == [post.id]
    assert wrong() == []


def test_comments_are_left_out_where_the_settings_say_so(find, post):
    say(post, "heliotrope")
    run_jobs()
    with transaction():
        settings.tune(CommentSettings, by=House(), are_searched=False)
    run_jobs()
    assert find("heliotrope") == []
    with transaction():
        settings.tune(CommentSettings, by=House(), are_searched=True)
    run_jobs()
    assert find("heliotrope") == [post.id]


def test_a_word_of_a_comment_weighs_less_than_one_of_the_text(find, post, clock):
    clock.forward(days=1)
    other = indexed_post(title="Another", body="A heliotrope.", status=Status.PUBLISHED)
    say(post, "heliotrope heliotrope")
    run_jobs()
    assert find("heliotrope") == [other.id, post.id]
