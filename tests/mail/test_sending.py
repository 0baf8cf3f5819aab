"""The way to a mail server: private or open, trusted or not, and what each of its answers means."""

from dataclasses import replace

import pytest

from inkhorn.core.errors import Invalid
from inkhorn.core.mail import sending
from inkhorn.core.mail.sending import BrokeOff, Delayed, Mailbox, Outgoing, Refused, ServerAway, SmtpServer
from tests.conftest import config_for
from tests.sinks import make_certificate, running_sink

LETTER = Outgoing("inkhorn@slowferry.example", "rhea@example.org", b"Subject: Tides\r\n\r\nHigh at noon.\r\n")


@pytest.fixture
def settings(tmp_path):
    return config_for(tmp_path, mail_from="inkhorn@slowferry.example")


def hand_over(settings, sink, letter=LETTER, stamps=None, **other):
    with SmtpServer(replace(settings, **sink.settings | other)) as server:
        return server.hand_over(letter, last_line=lambda: (stamps if stamps is not None else []).append(len(sink.received)))


def test_a_letter_arrives_as_it_was_written(settings, sink):
    stamps = []
    assert hand_over(settings, sink, stamps=stamps) == "250 kept"
    assert [(each.sender, each.to, each.content) for each in sink.received] == [(LETTER.sender, LETTER.to_address, LETTER.content)]
    assert stamps == [0], "nothing may have arrived before the last line is noted"


def test_lines_that_begin_with_a_full_stop_arrive_whole(settings, sink):
    content = b"Subject: x\r\n\r\n.\r\n..\r\n.hidden\r\nMAIL FROM:<eve@example.org>\r\n"
    hand_over(settings, sink, replace(LETTER, content=content))
    assert [each.content for each in sink.received] == [content]


def test_several_letters_go_over_one_connection(settings, sink):
    with SmtpServer(replace(settings, **sink.settings)) as server:
        for number in range(3):
            server.hand_over(replace(LETTER, to_address=f"{number}@example.org"), last_line=lambda: None)
    assert [each.to for each in sink.received] == ["0@example.org", "1@example.org", "2@example.org"]


@pytest.mark.parametrize(
    ("answer", "is_ours"),
    [
        ("554 5.7.1 <rhea@example.org>: Relay access denied", True),
        ("550 5.7.1 Unable to relay", True),
        ("550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain", True),
        ("553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)", True),
        ("550 relay not permitted", True),
        ("550-5.7.1 [192.0.2.7] Our system has detected an unusual rate", True),
        ("550 Authentication required", True),
        ("550 5.1.1 no such mailbox; relay", False),
        ("550 5.2.1 The mailbox is disabled", False),
        ("550 no such user", False),
        ("550 <rhea@relay.example>: unknown", False),
    ],
)
def test_a_refusal_speaks_of_us_or_of_the_address(answer, is_ours):
    assert sending.is_about_us(answer, "rhea@relay.example") is is_ours


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_the_way_is_private_and_the_server_known(settings, tmp_path, security):
    told = []
    with running_sink(security=security, certificate=make_certificate(tmp_path), password="tar and oakum") as sink:
        with SmtpServer(replace(settings, **sink.settings), tell=told.append) as server:
            server.hand_over(LETTER, last_line=lambda: None)
        assert len(sink.received) == 1
    assert any("private (TLSv1.3), and it proved to be 127.0.0.1" in step for step in told)
    assert "It lets us in as inkhorn." in told


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_stranger_who_vouches_for_himself_gets_nothing(settings, tmp_path, security):
    with running_sink(security=security, certificate=make_certificate(tmp_path)) as sink:
        with pytest.raises(ServerAway, match=r"could not prove who it is.*self-signed.*smtp_ca_file"):
            hand_over(settings, sink, smtp_ca_file=None)
        assert sink.received == []


def test_a_certificate_of_another_host_is_refused(settings, tmp_path):
    certificate = make_certificate(tmp_path, host="mail.example.org")
    with running_sink(security="tls", certificate=certificate) as sink, pytest.raises(ServerAway, match="could not prove who it is"):
        hand_over(settings, sink)


def test_a_server_that_offers_no_starttls_gets_nothing(settings, sink):
    with pytest.raises(ServerAway, match=r"STARTTLS.*set smtp_security to tls or none"):
        hand_over(settings, sink, smtp_security="starttls")
    assert sink.received == []


@pytest.mark.parametrize("content", [None, "This is a poem."])
def test_a_file_without_certificates_is_named(settings, sink, tmp_path, content):
    path = tmp_path / "trusted.pem"
    if content:
        path.write_text(content)
    with pytest.raises(ServerAway, match=r"smtp_ca_file names .*trusted\.pem"):
        hand_over(settings, sink, smtp_security="starttls" if content is None else "tls", smtp_ca_file=path)


@pytest.mark.parametrize(("password", "sentence"), [("wrong", "does not accept smtp_username"), ("schlüssel", "plain letters only")])
def test_a_wrong_password_is_nobodys_letters_fault(settings, password, sentence):
    with running_sink(password="right") as sink, pytest.raises(ServerAway, match=sentence):
        hand_over(settings, sink, smtp_password=password)


def test_a_server_that_wants_a_password_is_not_the_letters_fault(settings):
    with running_sink(password="right") as sink, pytest.raises(ServerAway, match="wants to know who we are: 530"):
        hand_over(settings, sink, smtp_username=None)


def test_a_server_that_knows_no_passwords_is_named(settings, sink):
    with pytest.raises(ServerAway, match="leave smtp_username empty"):
        hand_over(settings, sink, smtp_username="inkhorn", smtp_password="x")


def test_nobody_at_home(settings, sink):
    sink.stop()
    with pytest.raises(ServerAway, match=rf"127.0.0.1:{sink.port} cannot be reached"):
        hand_over(settings, sink)


def test_a_host_that_does_not_exist(settings, sink):
    with pytest.raises(ServerAway, match="cannot be reached"):
        hand_over(settings, sink, smtp_host="mail.invalid")


def test_a_server_that_does_not_take_our_sender_is_nobodys_letters_fault(settings, sink):
    sink.mode = "refuses sender"
    with pytest.raises(ServerAway, match=r"takes no letters from inkhorn@slowferry.example: 550 5.7.1"):
        hand_over(settings, sink)


@pytest.mark.parametrize(
    ("mode", "error", "words"),
    [
        ("tired", Delayed, "451 4.7.1 come back later"),
        ("closing", Delayed, "421 4.3.2 closing"),
        ("refuses data", Refused, "554 5.6.0"),
        ("drops before data", BrokeOff, "broke off"),
        ("drops after data", BrokeOff, "broke off"),
    ],
)
def test_what_an_answer_means(settings, sink, mode, error, words):
    sink.mode = mode
    with pytest.raises(error, match=words):
        hand_over(settings, sink)


def test_an_address_there_is_not_spoils_only_its_own_letter(settings, sink):
    sink.refused = {LETTER.to_address}
    with SmtpServer(replace(settings, **sink.settings)) as server:
        with pytest.raises(Refused, match="no such mailbox"):
            server.hand_over(LETTER, last_line=lambda: None)
        assert server.hand_over(replace(LETTER, to_address="wren@example.org"), last_line=lambda: None) == "250 kept"


@pytest.mark.parametrize("mode", ["closing", "drops before data", "drops after data"])
def test_a_server_that_hung_up_is_called_again_for_the_next_letter(settings, sink, mode):
    sink.mode = mode
    with SmtpServer(replace(settings, **sink.settings)) as server:
        with pytest.raises((Delayed, BrokeOff)):
            server.hand_over(LETTER, last_line=lambda: None)
        sink.mode = "ok"
        assert server.hand_over(LETTER, last_line=lambda: None) == "250 kept"


def test_half_a_letter_is_taken_back_by_hanging_up(settings, sink):
    def fail():
        raise ZeroDivisionError

    with SmtpServer(replace(settings, **sink.settings)) as server:
        with pytest.raises(ZeroDivisionError):
            server.hand_over(LETTER, last_line=fail)
        server.hand_over(replace(LETTER, to_address="wren@example.org"), last_line=lambda: None)
    assert [each.to for each in sink.received] == ["wren@example.org"]


def test_a_slow_server_is_waited_for(settings, sink, monkeypatch):
    monkeypatch.setattr(sending, "PATIENCE_SECONDS", 2)
    sink.seconds = 3
    assert hand_over(settings, sink) == "250 kept"


def test_a_silent_server_is_not_waited_for_for_ever(settings, sink, monkeypatch):
    monkeypatch.setattr(sending, "ANSWER_PATIENCE_SECONDS", 0.3)
    sink.seconds = 2
    with pytest.raises(BrokeOff):
        hand_over(settings, sink)


def test_a_host_of_other_letters_is_written_in_plain_ones(settings, sink):
    hand_over(settings, sink, replace(LETTER, to_address="ida@straße.example"))
    assert sink.received[0].to == "ida@xn--strae-oqa.example"


def test_a_name_of_other_letters_goes_to_a_server_that_can_read_it(settings, sink):
    hand_over(settings, sink, replace(LETTER, to_address="ädä@example.org"))
    assert sink.received[0].to == "ädä@example.org"


def test_a_server_that_cannot_read_it_refuses_the_letter(settings, sink, monkeypatch):
    monkeypatch.setattr("smtplib.SMTP.has_extn", lambda _self, name: name != "smtputf8")
    with pytest.raises(Refused, match="letters beyond a to z"):
        hand_over(settings, sink, replace(LETTER, to_address="ädä@example.org"))


@pytest.mark.parametrize("address", ["ida@-ä-.example", "ida@ä..example", f"ida@{'ä' * 80}.example"])
def test_a_host_that_cannot_be_is_refused(settings, sink, address):
    with pytest.raises(Refused, match="no host"):
        hand_over(settings, sink, replace(LETTER, to_address=address))
    with pytest.raises(Invalid):
        sending.wire_address(address)


@pytest.mark.parametrize(
    ("told", "host", "sender"),
    [
        ({"mail_from": "post@slowferry.example"}, "slowferry.example", "post@slowferry.example"),
        ({"site_url": "https://www.slowferry.example"}, "www.slowferry.example", "inkhorn@www.slowferry.example"),
        ({"site_url": "http://192.0.2.7:8000"}, "localhost", "inkhorn@localhost"),
        ({"site_url": "http://[2001:db8::1]"}, "localhost", "inkhorn@localhost"),
        ({}, "localhost", "inkhorn@localhost"),
    ],
)
def test_whom_letters_come_from(tmp_path, told, host, sender):
    config = config_for(tmp_path, **told)
    assert (sending.mail_host(config), sending.sender_of(config)) == (host, sender)


def test_letters_go_where_the_configuration_says(settings):
    assert sending.server_of(settings) is None
    assert isinstance(sending.server_of(replace(settings, profile="development")), Mailbox)
    assert isinstance(sending.server_of(replace(settings, profile="development", smtp_host="x")), SmtpServer)
