"""Mails over real SMTP on loopback."""

from __future__ import annotations

import logging
import socket
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bot.outbox import Ambiguous, NeedsPerson, TryLater, Undelivered
from bot.paging.making import make_pager
from bot.paging.model import PageAct
from bot.sandbox.pagers.server import PagerServer
from tests.bot.paging.scene import a_page, settings

TRIGGER, ACKNOWLEDGE, RESOLVE = PageAct
PASSWORD = "correct horse battery staple"
LOGIN = ("seamwatch", PASSWORD)


def section(server, **more):
    told = {
        "kind": "email",
        "name": "mail",
        "host": "127.0.0.1",
        "port": server.mail.port,
        "security": "none",
        "sender": "seamwatch@acme.example",
        "recipients": ["oncall@acme.example", "dana@acme.example"],
    }
    return settings({"password": PASSWORD}, **(told | more))


def logged_in(server, **more):
    return section(server, username="seamwatch", password="env:password", **more)


async def send(server, page=None, **more):
    return await make_pager(section(server, **more), None).send(page or a_page())


async def test_a_mail_says_it_all_and_goes_to_everybody(server):
    reference = await send(server)
    [mail] = server.board.mails
    assert mail["from"] == "seamwatch@acme.example"
    assert mail["to"] == ["oncall@acme.example", "dana@acme.example"]
    headers = mail["headers"]
    assert headers["Subject"] == "Seamwatch: #42 Nothing has started for 2 min."
    assert headers["From"] == "Seamwatch <seamwatch@acme.example>"
    assert headers["Message-ID"] == reference == f"<{'0f' * 16}@acme.example>"
    assert headers["Importance"] == "high"
    assert headers["Auto-Submitted"] == "auto-generated"
    assert headers["Date"] == "Sat, 21 Nov 2026 03:12:00 +0000"
    assert mail["text"] == (
        "Nothing has started for 2 min; 14 runs wait.\n\n"
        "Severity: critical\nwaiting: 14 runs\nusual: 2 runs\n\n"
        "https://acme.slack.com/archives/C1/p1\n"
    )


async def test_the_mails_of_an_incident_stand_together_and_apart_from_others(server):
    for number, act in enumerate(PageAct):
        await send(server, a_page(act, row_id=f"row{number}"))
    await send(server, a_page(incident_id=43, key="seamwatch/Acme Outdoors/43", row_id="row9"))
    references = [mail["headers"]["References"] for mail in server.board.mails]
    assert len(set(references[:3])) == 1
    assert references[3] != references[0]
    assert len({mail["headers"]["Message-ID"] for mail in server.board.mails}) == 4
    assert [mail["headers"]["Subject"][:3] for mail in server.board.mails[:3]] == [
        "Sea", "Re:", "Re:"]  # fmt: skip
    assert server.board.mails[1]["text"].startswith("Acknowledged by Priya.\n")
    assert server.board.mails[2]["text"].startswith("Resolved by Priya.\n")


async def test_a_copy_of_a_mail_has_the_same_id(server):
    assert await send(server) == await send(server)


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\u2028", "\x0b"])
async def test_no_header_can_be_smuggled_in(server, end):
    evil = f"{end}Bcc: evil@example.com{end}{end}.{end}MAIL FROM:<evil@example.com>"
    await send(server, a_page(title="Orders" + evil, sentence=evil, by=evil, facts=((evil, evil),)))
    [mail] = server.board.mails
    assert "Bcc" not in mail["headers"]
    assert mail["from"] == "seamwatch@acme.example"
    assert mail["headers"]["Subject"].startswith("Seamwatch: Orders Bcc: evil@example.com")


async def test_signs_that_are_not_ascii_arrive(server):
    await send(server, a_page(title="Überfällig: 注文 📦", sentence="Café, 12 €"))
    [mail] = server.board.mails
    assert mail["headers"]["Subject"] == "Seamwatch: Überfällig: 注文 📦"
    assert mail["text"].startswith("Café, 12 €\n")


async def test_a_long_domain_does_not_break_the_ids(server):
    domain = ".".join(["a" * 50] * 3) + ".example"
    reference = await send(server, sender=f"seamwatch@{domain}")
    [mail] = server.board.mails
    assert mail["headers"]["Message-ID"] == reference
    assert mail["headers"]["References"].endswith(f"@{domain}>")
    assert "=?" not in mail["headers"]["References"]


FAULTS = {
    "gone before the greeting": ({"stage": "CONNECT", "lost": True}, TryLater),
    "busy": ({"stage": "CONNECT", "status": 421}, TryLater),
    "gone before the mail": ({"stage": "EHLO", "lost": True}, TryLater),
    "the sender not now": ({"stage": "MAIL", "status": 451}, TryLater),
    "the sender never": ({"stage": "MAIL", "status": 550}, NeedsPerson),
    "all recipients not now": ({"stage": "RCPT", "status": 450, "times": 2}, TryLater),
    "all recipients never": ({"stage": "RCPT", "status": 550, "times": 2}, NeedsPerson),
    "the mail not now": ({"stage": "END", "status": 452}, TryLater),
    "the mail never": ({"stage": "END", "status": 554}, NeedsPerson),
    "the answer to the mail lost": ({"stage": "END", "lost": True}, Ambiguous),
}


@pytest.mark.parametrize(("fault", "kind"), FAULTS.values(), ids=FAULTS.keys())
async def test_what_goes_wrong(server, fault, kind):
    server.faults.order("email", {"body": f"you said {PASSWORD}", **fault})
    with pytest.raises(Undelivered) as caught:
        await send(server)
    assert type(caught.value) is kind
    assert PASSWORD not in caught.value.problem
    assert server.board.mails == []


async def test_one_recipient_who_is_refused_does_not_keep_the_mail_from_the_others(server, caplog):
    server.faults.order("email", {"stage": "RCPT", "status": 550})
    await send(server)
    assert server.board.mails[0]["to"] == ["dana@acme.example"]
    assert "does not take mail for oncall@acme.example (550)" in caplog.text


async def test_a_server_that_never_answers(server, monkeypatch):
    monkeypatch.setattr("bot.paging.email.SECONDS", 0.05)
    server.faults.order("email", {"stage": "CONNECT", "delay": 0.3})
    with pytest.raises(TryLater, match="cannot be reached"):
        await send(server)


async def test_a_server_that_says_nothing_after_the_mail(server, monkeypatch):
    monkeypatch.setattr("bot.paging.email.SECONDS", 0.1)
    server.faults.order("email", {"stage": "END", "delay": 0.5})
    with pytest.raises(Ambiguous):
        await send(server)


async def test_a_closed_port_is_tried_again(server):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(TryLater, match="cannot be reached"):
            await send(server, port=taken.getsockname()[1])


@pytest.fixture
async def locked():
    started = PagerServer(login=LOGIN)
    await started.start()
    yield started
    await started.stop()


async def test_with_the_password_mail_is_taken(locked):
    await make_pager(logged_in(locked), None).send(a_page())
    assert len(locked.board.mails) == 1


@pytest.mark.parametrize("password", ["wrong and secret", "pässword"])
async def test_a_wrong_password_needs_a_person_and_stands_nowhere(locked, password, caplog):
    caplog.set_level(logging.DEBUG)
    right = logged_in(locked)
    wrong = right.model_copy(update={"password": type(right.password)(password)})
    with pytest.raises(NeedsPerson, match="refuses the log-in") as caught:
        await make_pager(wrong, None).send(a_page())
    assert password not in f"{caught.value!r} {wrong!r} {caplog.text}"


async def test_a_log_in_that_cannot_be_checked_now_is_tried_again(locked):
    locked.faults.order("email", {"stage": "AUTH", "status": 454})
    with pytest.raises(TryLater):
        await make_pager(logged_in(locked), None).send(a_page())


@pytest.fixture
def certificate(tmp_path):
    """A certificate for this machine that nobody knows yet."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "both.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path


@pytest.fixture
async def secured(certificate):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    started = PagerServer(login=LOGIN, tls=context)
    await started.start()
    yield started
    await started.stop()


async def test_over_starttls_from_a_server_that_is_trusted(secured, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    await make_pager(logged_in(secured, security="starttls"), None).send(a_page())
    assert secured.board.mails[0]["secure"]


async def test_a_certificate_that_nobody_knows_needs_a_person(secured):
    with pytest.raises(NeedsPerson, match="is not trusted"):
        await make_pager(logged_in(secured, security="starttls"), None).send(a_page())
    assert secured.board.mails == []


async def test_a_server_without_starttls_gets_no_mail_and_no_password(locked):
    with pytest.raises(NeedsPerson, match="no STARTTLS"):
        await make_pager(logged_in(locked, security="starttls"), None).send(a_page())
    assert locked.board.mails == []
