"""What those who are signed in see more than others, and what is kept nowhere because of it."""

from flask.testing import FlaskClient

from inkhorn.posts.models import Status
from tests.factories.posts import make_post


def test_a_draft_is_shown_to_its_author_only(client: FlaskClient, signed_in, wren, rhea) -> None:
    post = make_post(by=wren, title="Half a thought")
    preview = signed_in(wren).get(f"/preview/{post.id}/")
    assert preview.status_code == 200
    assert "Half a thought" in preview.text
    assert "This is a preview" in preview.text
    assert preview.headers["Cache-Control"] == "private, no-store"
    assert signed_in(rhea).get(f"/preview/{post.id}/").status_code == 404


def test_a_visitor_is_led_to_the_sign_in_page(client: FlaskClient) -> None:
    response = client.get(f"/preview/{make_post().id}/")
    assert response.status_code == 303
    assert response.headers["Location"].startswith("/sign-in")


def test_a_preview_of_nothing_is_not_there(signed_in, emil) -> None:
    assert signed_in(emil).get("/preview/999999/").status_code == 404
    assert signed_in(emil).get("/preview/99999999999999999999/").status_code == 404


def test_search_engines_never_see_a_preview(signed_in, wren) -> None:
    post = make_post(by=wren)
    assert '<meta name="robots" content="noindex">' in signed_in(wren).get(f"/preview/{post.id}/").text


def test_those_who_may_edit_find_the_way(signed_in, wren, rhea) -> None:
    post = make_post(by=wren, status=Status.PUBLISHED)
    edit = f'href="/desk/posts/{post.id}'
    own = signed_in(wren).get(post.path)
    assert edit in own.text
    assert own.headers["Cache-Control"] == "private, no-store"
    assert edit not in signed_in(rhea).get(post.path).text


def test_an_unpublished_post_stays_open_to_its_editor(client: FlaskClient, signed_in, emil) -> None:
    post = make_post(by=emil, status=Status.UNPUBLISHED)
    shown = signed_in(emil).get(post.path)
    assert shown.status_code == 200
    assert "Readers cannot see this" in shown.text
    assert client.get(post.path).status_code == 404


def test_the_future_address_of_a_post_leads_its_editor_to_the_preview(signed_in, emil, clock) -> None:
    post = make_post(by=emil, status=Status.SCHEDULED, at=clock.tomorrow())
    response = signed_in(emil).get(post.path)
    assert (response.status_code, response.headers["Location"]) == (302, f"/preview/{post.id}/")


def test_a_page_for_somebody_signed_in_is_never_kept(signed_in, rhea) -> None:
    response = signed_in(rhea).get("/")
    assert response.headers["Cache-Control"] == "private, no-store"
    assert "ETag" not in response.headers
