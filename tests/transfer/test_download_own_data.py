"""Taking one's own data along: by whom, how often, and at what cost."""

import io
import tracemalloc
import zipfile

import pytest
from sqlalchemy import delete, insert

from inkhorn.core import audit
from inkhorn.core.access import House
from inkhorn.core.database import db, session, transaction
from inkhorn.core.storage import storage
from inkhorn.media.models import Asset, Kind
from inkhorn.posts.models import Post
from inkhorn.posts.services.writing import PostChanges, revise_post
from inkhorn.transfer.services import own_rows
from inkhorn.transfer.services.own_data import own_archive
from inkhorn.transfer.services.own_texts import texts_of
from tests.factories.accounts import Browser, audited
from tests.factories.posts import make_post
from tests.plans import plans
from tests.transfer.archives import archive_of, table


def test_it_weighs_nothing_in_memory_and_holds_no_snapshot(rhea, tmp_path):
    big = tmp_path / "big"
    with big.open("wb") as file:
        for _ in range(60):
            file.write(b"\xff" * (1 << 20))
    storage().put("2026/01/big.mp4", big)
    with transaction():
        values = {"kind": Kind.FILE, "content_type": "video/mp4", "size_bytes": 60 << 20, "sha256": "2" * 64, "uuid": "big"}
        session().add(Asset(filename="big.mp4", key="2026/01/big.mp4", uploaded_by_id=rhea.id, **values))
    tracemalloc.start()
    size = largest = 0
    for piece in own_archive(rhea.id):
        assert not db.session.in_transaction()
        size, largest = size + len(piece), max(largest, len(piece))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size > 60 << 20
    assert (largest <= 1 << 20, peak < 8 << 20) == (True, True), (largest, peak)


def test_many_rows_are_read_a_few_at_a_time(rhea, queries):
    with transaction():
        rows = [{"action": "accounts.signed_in", "actor_id": rhea.id, "actor_label": "r", "details": {}} for _ in range(1000)]
        session().execute(insert(audit.Entry), rows)
    queries.clear()
    assert len(table(archive_of(rhea), "log.json")) >= 1000
    assert 5 < len([each for each in queries if "FROM audit_entry" in each]) <= 8


def test_each_part_of_a_long_log_is_found_by_an_index_alone(rhea, wren):
    with transaction():
        for number in range(450):
            audit.record((rhea, wren)[number % 2], "accounts.profile_changed", rhea.user, number=number)
    log = dict(own_rows.tables_of(rhea.id))["log.json"]
    with plans() as steps:
        lines = [line for line in log if line["action"] == "accounts.profile_changed"]
    assert [line["by"] for line in lines] == ["you", "somebody else"] * 225
    assert {step.partition(" USING ")[2] for step in steps} == {
        "INDEX ix_audit_entry_actor_id_id (actor_id=? AND id>?)",
        "INDEX ix_audit_entry_subject (subject_kind=? AND subject_id=? AND id>?)",
    }


@pytest.mark.parametrize(("taken", "goes"), [(1, "two"), (2, "one"), (2, "two")])
def test_a_post_removed_while_the_archive_is_taken_does_not_cut_it_off(wren, taken, goes):
    one, two, three = (make_post(by=wren, title=title) for title in ("One", "Two", "Three"))
    with transaction():
        kept = session().merge(one)
        revise_post(kept, PostChanges(body="second"), by=House(), against=kept.revision)
    texts = texts_of(wren.id)
    names = [next(texts)[0] for _ in range(taken)]
    with transaction():
        session().execute(delete(Post).where(Post.id == {"one": one, "two": two}[goes].id))
    names += [name for name, _text in texts]
    assert names[-2:] == [f"posts/{three.id}-three.md", f"posts/{three.id}-three/0001.md"]
    assert (f"posts/{two.id}-two.md" in names) == (goes == "one")


def test_whoever_is_signed_in_takes_their_own(signed_in, rhea):
    browser = Browser(signed_in(rhea))
    answer = browser.send("/account/data/download", user_id=1)
    assert (answer.status_code, answer.content_type) == (200, "application/zip")
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="my-data-')
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert table(zipfile.ZipFile(io.BytesIO(answer.data)), "profile.json")[0]["name"] == "Rhea"
    assert audited("transfer.own_data_taken") == 1


def test_nobody_else_takes_anything(client, signed_in, rhea):
    assert client.post("/account/data/download").location.startswith("/sign-in")
    assert client.get("/account/data/download").status_code in (404, 405)
    assert signed_in(rhea).post("/account/data/download").status_code == 422
    assert audited("transfer.own_data_taken") == 0


def test_it_is_taken_ten_times_an_hour(signed_in, rhea):
    browser = Browser(signed_in(rhea))
    assert [browser.send("/account/data/download").status_code for _ in range(11)] == [200] * 10 + [429]
    assert audited("transfer.own_data_taken") == 10
