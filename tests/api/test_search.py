"""Search by program: what may be read, the best first."""

import pytest

from inkhorn.core.database import transaction
from inkhorn.posts.models import Audience, Post, Status
from inkhorn.search.services import index_posts
from tests.factories.posts import make_post


def make_found(**told) -> Post:
    post = make_post(**told)
    with transaction():
        index_posts([post.id])
    return post


@pytest.mark.parametrize(
    ("who", "titles"), [("vic", {"Open"}), ("rhea", {"Open"}), ("mona", {"Open", "Members"}), ("emil", {"Open", "Members", "Draft"})]
)
def test_only_what_may_be_read_is_found(program, emil, who: str, titles: set[str]):
    make_found(by=emil, title="Open", body="A lanternfish.", status=Status.PUBLISHED)
    make_found(by=emil, title="Members", body="A lanternfish.", status=Status.PUBLISHED, audience=Audience.MEMBERS)
    make_found(by=emil, title="Draft", body="A lanternfish.")
    assert set(program(who).titles("/search?q=lanternfish")) == titles


def test_pages_lead_on_and_cursors_belong_to_their_question(program, wren):
    for number in range(3):
        make_found(by=wren, title=f"Post {number}", body="A lanternfish.", status=Status.PUBLISHED)
    vic = program("vic")
    first = vic.get("/search?q=lanternfish&page[size]=2&fields=title&include=authors").json
    rest = vic.get(first["links"]["next"].removeprefix("/api/v1")).json
    assert len({each["title"] for each in (*first["data"], *rest["data"])}) == 3
    assert rest["links"]["next"] is None
    cursor = first["links"]["next"].partition("page[cursor]=")[2]
    assert vic.get(f"/search?q=other&page[cursor]={cursor}").status_code == 400


@pytest.mark.parametrize("asked", ["", "q=", "q=" + "x" * 201, "q=a%00", "q=a&sort=id", "q=a&filter[id]=1", "q=a&q=b", "q=a&page[size]=0"])
def test_what_makes_no_sense_is_refused(program, asked: str):
    assert program("vic").get(f"/search?{asked}").status_code == 400


@pytest.mark.parametrize("text", ["'", '"', "-", "tag:", "before:x", "*", "(", "a OR b", "🦀", "NEAR(a b)"])
def test_no_text_is_wrong(program, text: str):
    assert program("vic").browser.get("/api/v1/search", query_string={"q": text}).status_code == 200
