"""A key that is nobody's: it reads what its words let it read, and what nobody is known to have made is not therefore its own."""

import pytest

from inkhorn.accounts.services.programs import keys
from inkhorn.core.access import House
from inkhorn.core.database import transaction
from inkhorn.posts.models import Audience, Status
from tests.factories.posts import make_post
from tests.factories.shows import make_album

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def asked(app):
    """What a shop's key is answered that may write posts and send files."""
    with transaction():
        key = keys.make_integration_key(name="Shop", permissions=["posts.write", "media.upload"], by=House()).text
    return lambda path: app.test_client().get(f"/api/v1{path}", headers={"Authorization": f"Bearer {key}"})


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"status": Status.UNPUBLISHED},
        {"status": Status.TRASHED},
        {"status": Status.PUBLISHED, "audience": Audience.PRIVATE},
        {"status": Status.PUBLISHED, "audience": Audience.MEMBERS},
    ],
    ids=str,
)
def test_what_an_import_left_without_a_writer_is_not_an_integrations_own(asked, state):
    post = make_post(by=House(), title="Heliotrope", **state)
    assert post.created_by_id is None
    assert asked(f"/posts/{post.id}").status_code == 404
    for path in ("/posts", "/search?q=heliotrope", "/posts?filter[title]=Heliotrope"):
        answer = asked(path)
        assert (answer.status_code, "Heliotrope" in answer.text.replace("filter[title]=Heliotrope", "")) == (200, False), path


def test_nor_is_an_album_that_has_no_maker(asked):
    album = make_album(title="Heliotrope", is_published=False)
    assert asked(f"/albums/{album.id}").status_code == 404
    assert asked("/albums").json["data"] == []
