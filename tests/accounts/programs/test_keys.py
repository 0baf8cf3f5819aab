"""Keys: made for some words, shown once, kept as digests, recognised until they end."""

import re

import pytest
from sqlalchemy import select

from inkhorn.accounts.models import ApiKey
from inkhorn.accounts.services.people import suspend_user
from inkhorn.accounts.services.programs import keys
from inkhorn.core import audit
from inkhorn.core.access import Forbidden, House
from inkhorn.core.database import session, transaction
from inkhorn.core.errors import Conflict, Invalid
from tests.accounts.browsing import noted
from tests.accounts.programs.asking import asks, make_integration, make_key


def test_a_key_names_its_kind_and_carries_256_random_bits(wren):
    text = make_key(wren).text
    assert re.fullmatch(r"ink_pk_[a-z2-7]{8}_[A-Za-z0-9_-]{43}", text)
    assert make_integration().text.startswith("ink_ik_")


def test_nothing_that_opens_is_kept(wren):
    text = make_key(wren).text
    kept = session().execute(select(ApiKey.__table__)).one()
    assert text not in repr(kept)
    assert text[16:] not in repr(kept)
    entries = session().execute(select(audit.Entry.__table__)).all()
    assert text[16:] not in repr(entries)


def test_a_key_is_recognised_and_a_changed_one_is_not(wren):
    text = make_key(wren).text
    assert keys.key_of(text) is not None
    other = "A" if text[-1] != "A" else "B"
    for spoilt in (text[:-1] + other, text[:-1], text + "A", "ink_ik_" + text[7:], text.upper(), text[:15], "", "ink_pk_", text + "\n"):
        assert keys.key_of(spoilt) is None, spoilt


def test_a_key_ends_on_its_day(wren, clock):
    text = make_key(wren, days=7).text
    clock.forward(days=7, seconds=-1)
    assert keys.key_of(text)
    clock.forward(seconds=1)
    assert keys.key_of(text) is None


def test_an_integration_may_live_until_somebody_ends_it(clock):
    made = make_integration(days=None)
    clock.forward(days=4000)
    key = keys.key_of(made.text)
    assert key is not None
    with transaction():
        keys.revoke_key(key, by=House())
    assert keys.key_of(made.text) is None


@pytest.mark.parametrize("days", [0, -1, 366, 2**40])
def test_a_personal_key_lives_for_a_year_at_most(wren, days: int):
    with pytest.raises(Invalid):
        make_key(wren, days=days)


@pytest.mark.parametrize("words", [["site.own"], ["keys.manage"], ["nothing.known"], [""]])
def test_some_words_no_key_is_given(cast, words: list[str]):
    with pytest.raises(Invalid):
        make_key(cast.orla, *words)
    with pytest.raises(Invalid):
        make_integration(*words)


def test_nobody_gives_a_key_what_they_do_not_have(wren, emil):
    with pytest.raises(Forbidden):
        make_key(wren, "posts.edit_any")
    with pytest.raises(Forbidden):
        make_integration("people.manage", by=emil)


@pytest.mark.parametrize("name", ["", "  ", "\x00", "x" * 101])
def test_a_key_has_a_name(wren, name: str):
    with pytest.raises(Invalid):
        make_key(wren, name=name)


def test_nobody_has_keys_without_end(wren, monkeypatch):
    monkeypatch.setattr(keys, "MOST_OWN_KEYS", 1)
    make_key(wren)
    with pytest.raises(keys.TooManyKeys):
        make_key(wren)


def test_the_suspended_get_no_key(wren):
    with transaction():
        suspend_user(session().merge(wren.user), by=House())
    with pytest.raises(Conflict):
        make_key(wren)


def test_its_use_is_noted_once_a_minute_and_its_first_in_the_log(app, wren, clock):
    made = make_key(wren)
    first = clock.forward(seconds=1)
    asks(app, made.text)
    clock.forward(seconds=59)
    asks(app, made.text)
    assert session().get(ApiKey, made.row.id, populate_existing=True).used_at == first
    later = clock.forward(seconds=1)
    asks(app, made.text)
    kept = session().get(ApiKey, made.row.id, populate_existing=True)
    assert (kept.used_at, kept.used_from) == (later, "127.0.0.1")
    assert noted("accounts.key%") == ["accounts.key_made", "accounts.key_first_used"]


def test_keys_that_ended_a_month_ago_are_forgotten(wren, clock):
    make_key(wren, days=1)
    make_integration(days=None)
    clock.forward(days=32)
    with transaction():
        keys.forget_old_keys()
    assert [each.name for each in session().scalars(select(ApiKey))] == ["Shop"]
