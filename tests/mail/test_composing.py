"""Letters as they are put together: readable everywhere, whatever people call themselves, and closed to what headers could be made to say."""

import re
from email import message_from_bytes, policy

import pytest
from jinja2 import UndefinedError

from inkhorn.core import settings
from inkhorn.core.access import House
from inkhorn.core.database import transaction
from inkhorn.core.errors import Invalid
from inkhorn.core.mail import composing
from inkhorn.core.mail.assembling import assemble, check_address
from inkhorn.core.settings import SiteSettings
from tests.mail.conftest import deliver, the_letter, write
from tests.mail.samples import SAMPLES

DRAWN = {"subject": "Tides", "text": "High at noon.\n", "html": "<p>High at noon.</p>"}


@pytest.fixture
def inside(app, configured):
    configured(mail_from="inkhorn@slowferry.example")


def made(*, to="rhea@example.org", name="Rhea", title="The Slow Ferry", **parts):
    """The letter as a mail program reads it."""
    built = assemble(DRAWN | parts, to=to, name=name, purpose="a test", site_title=title)
    return message_from_bytes(built.as_bytes(), policy=policy.SMTPUTF8)


def test_a_letter_has_two_parts_that_say_the_same(database):
    write()
    letter = message_from_bytes(the_letter().content, policy=policy.SMTPUTF8)
    assert letter.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in letter.iter_parts()] == ["text/plain", "text/html"]
    for part in letter.iter_parts():
        assert "If you can read it, letters of this site arrive." in part.get_content()


def test_it_says_who_it_is_from_and_that_a_machine_wrote_it(inside, clock):
    letter = made()
    assert str(letter["From"]) == "The Slow Ferry <inkhorn@slowferry.example>"
    assert str(letter["To"]) == "Rhea <rhea@example.org>"
    assert str(letter["Date"]) == "Mon, 02 Mar 2026 12:00:00 +0000"
    assert str(letter["Auto-Submitted"]) == "auto-generated"
    assert letter["Reply-To"] is None


def test_answers_go_where_the_configuration_says(inside, configured):
    configured(mail_from="inkhorn@slowferry.example", mail_reply_to="ida@slowferry.example")
    assert str(made()["Reply-To"]) == "ida@slowferry.example"


def test_the_message_id_is_of_its_host_and_tells_nothing_of_the_purpose(inside):
    first, second = made()["Message-ID"], made()["Message-ID"]
    assert re.fullmatch(r"<[0-9a-f]{24}\.[0-9a-f]{16}@slowferry\.example>", str(first))
    assert first != second
    assert "test" not in first


NAMES = [
    'Rhea "The Tide" Voss',
    "Räea Öß",
    "日本語",
    "اسم",
    "Voss, Rhea",
    "Rhea <eve@example.org>",
    "eve@example.org",
    "a" * 90,
    "(x)",
    "'",
]


@pytest.mark.parametrize("name", NAMES)
def test_people_may_be_called_anything(inside, name):
    (address,) = made(name=name, title=name)["To"].addresses
    assert (address.display_name, address.addr_spec) == (name, "rhea@example.org")


@pytest.mark.parametrize(
    "hostile", ["Rhea\r\nBcc: eve@example.org", "Rhea\nBcc: eve@example.org", "\r\n\r\n<script>", "x\x00y", "\u2028Bcc: x", "\x85Bcc: x"]
)
def test_a_name_or_title_adds_no_header(inside, hostile):
    letter = made(name=hostile, title=hostile)
    assert set(letter.keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress", "MIME-Version", "Content-Type",
    }  # fmt: skip
    assert [each.addr_spec for each in letter["To"].addresses] == ["rhea@example.org"]


@pytest.mark.parametrize("address", ["rhea@example.org\r\nBcc: eve@example.org", "a b@example.org", "rhea", "@example.org", "rhea@", "<rhea@example.org>",
                                     "rhea@example.org, eve@example.org", "rhea@ex ample.org", 'a"b@example.org', "a\x00@example.org", ""])  # fmt: skip
def test_what_is_no_address_gets_no_letter(inside, address):
    with pytest.raises(Invalid):
        made(to=address)
    with pytest.raises(Invalid):
        check_address(address)


@pytest.mark.parametrize(
    "address", ["ädä@example.org", "ida@straße.example", "o'neill+tides@example.org", "a.b@[192.0.2.7]", "x@localhost"]
)
def test_strange_addresses_are_addresses(inside, address):
    check_address(address)


def test_a_name_before_the_at_of_other_letters_stays_as_it_is(posting):
    write("ädä@example.org")
    deliver()
    assert b"To: \xc3\xa4d\xc3\xa4@example.org\r\n" in posting.received[0].content


def retitle(title):
    with transaction():
        settings.tune(SiteSettings, by=House(), title=title)


def test_a_subject_of_ten_megabytes_is_cut(database):
    retitle("tide " * 2_000_000)
    write()
    assert 190 < len(the_letter().subject) <= composing.LONGEST_SUBJECT
    assert the_letter().subject.endswith("…")


def test_a_subject_stays_on_one_line_and_is_what_was_written(database):
    retitle("Ebbe &\r\nFlut <br> 潮")
    write()
    letter = message_from_bytes(the_letter().content, policy=policy.SMTPUTF8)
    assert the_letter().subject == str(letter["Subject"]) == "A test letter from Ebbe & Flut <br> 潮"


def test_every_line_is_short_and_plain(database):
    retitle("ü" * 150)
    write(name="ö" * 100)
    lines = the_letter().content.split(b"\r\n")
    assert max(map(len, lines)) <= 78
    assert b"\n" not in b"".join(lines)
    assert the_letter().content.isascii()


def test_what_people_wrote_is_text_in_html(app):
    with app.app_context():
        drawn = composing.draw("core/test", SiteSettings(title="<b>Tides</b>"), "en", asked_by="<script>x</script>", when="now")
    assert "<script>" not in drawn["html"]
    assert "&lt;b&gt;Tides" in drawn["html"]
    assert "<script>x</script>" in drawn["text"]


def test_a_letter_with_a_hole_is_not_written(app):
    with app.app_context(), pytest.raises(UndefinedError):
        composing.draw("core/test", SiteSettings(), "en", asked_by="Ada")


@pytest.mark.parametrize("language", ["de", "ar", "en-GB", "nonsense", "", "x" * 500])
def test_it_says_which_language_its_words_are_in(app, language):
    with app.app_context():
        html = composing.draw("core/test", SiteSettings(), language, asked_by="Ada", when="now")["html"]
    assert '<html lang="en" dir="ltr"' in html


@pytest.mark.parametrize("sample", sorted(SAMPLES))
def test_no_letter_asks_anything_of_another_host(app, sample):
    with app.app_context():
        html = composing.draw(sample.partition(":")[0], SiteSettings(), "en", **SAMPLES[sample])["html"]
    assert re.findall(r"<(?:img|script|link|iframe|object|video|source|base|form)\b|url\(|@import|\bon\w+=", html) == []


@pytest.mark.parametrize("sample", sorted(SAMPLES))
def test_both_schemes_are_drawn(app, sample):
    with app.app_context():
        html = composing.draw(sample.partition(":")[0], SiteSettings(), "en", **SAMPLES[sample])["html"]
    assert "@media (prefers-color-scheme: dark)" in html
    assert '<td class="body" style="' in html
