"""Every address asked for by each kind of sign-in, and every one of the API by keys of one word each (ASVS 10.3.2)."""

import pytest

from inkhorn.accounts.policies import KEY_WORDS
from inkhorn.accounts.services.programs import keys
from inkhorn.core import guard
from inkhorn.core.access import House
from inkhorn.core.database import transaction
from tests.accounts.programs.asking import bearer, make_integration, make_key, pair
from tests.cast import Person
from tests.factories.accounts import PASSWORD, make_user
from tests.security.site import Site

PROGRAM = {"Accept": "application/json"}
pytestmark = pytest.mark.usefixtures("generous")


def asked(site: Site):
    """Every address with every method it answers, and what is asked of whoever comes."""
    for rule in site.rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule, method, guard.rule_of(site.app, rule.endpoint).name


def status(site: Site, rule, method: str, text: str) -> int:
    return site.app.test_client().open(site.address(rule), method=method, headers=PROGRAM | bearer(text)).status_code


@pytest.mark.parametrize("word", sorted(KEY_WORDS))
def test_a_key_of_one_word_reaches_what_asks_for_that_word_and_nothing_else(site: Site, word: str):
    text = make_integration(word).text
    for rule, method, wanted in asked(site):
        if rule.rule.startswith("/api/"):
            answered = status(site, rule, method, text)
            assert answered < 500, (method, rule.rule)
            if wanted in ("everyone", "signed_in", word):
                assert answered != 401, (method, rule.rule)
            else:
                assert answered == 403, (method, rule.rule, wanted)


@pytest.mark.parametrize("kind", ["personal", "integration", "access"])
def test_outside_the_api_a_program_is_a_visitor(site: Site, kind: str):
    owner = Person(make_user(email="olaf@example.org", role="administrator", password=PASSWORD))
    words = sorted(KEY_WORDS)
    texts = {
        "personal": lambda: make_key(owner, *words).text,
        "integration": lambda: make_integration(*words).text,
        "access": lambda: pair(site.app.test_client(), owner.user)["access_token"],
    }
    text = texts[kind]()
    for rule, method, wanted in asked(site):
        if not rule.rule.startswith("/api/") and wanted != "everyone":
            assert status(site, rule, method, text) == 401, (method, rule.rule)


def test_what_belongs_to_a_person_is_not_a_keys_to_change(site: Site):
    ours = [(rule, method) for rule, method, wanted in asked(site) if wanted == "in_person" and rule.rule.startswith("/api/")]
    assert ours
    with transaction():
        everything = keys.make_integration_key(name="All", permissions=KEY_WORDS, by=House()).text
    for rule, method in ours:
        for text in (make_key(site.cast.ada, "posts.write").text, everything):
            assert status(site, rule, method, text) == 403, (method, rule.rule)
