"""E-mail, over SMTP.

The standard library's client in a thread: a page is one short call, and no dependency is needed.
`Message-ID` is the row's, so that a copy can be told; `References` names the incident, so that
its mails stand together (RFC 5322, 3.6.4). Mail goes one way: nothing is heard back.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Literal

from pydantic import SecretStr

from bot.outbox import Ambiguous, NeedsPerson, TryLater, Undelivered
from bot.paging.model import OUR_NAME, Mail, Page, PageAct, alias_of
from checks.words import plain

log = logging.getLogger(__name__)

SECONDS = 20.0
SUBJECT = 200
LINE = 1000
SAID = {
    PageAct.TRIGGER: "",
    PageAct.ACKNOWLEDGE: "Acknowledged by {by}.",
    PageAct.RESOLVE: "Resolved by {by}.",
}

ONE_LINE = SMTP.clone(max_line_length=998)  # folded, a long id would be encoded, and no id any more

Security = Literal["starttls", "tls", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Email:
    """A mail server that takes our mail, and who gets it."""

    name: str
    host: str
    port: int
    security: Security
    username: str | None
    password: SecretStr | None
    sender: str
    recipients: tuple[str, ...]

    async def send(self, page: Page) -> str:
        return await self._post(_message(page, self.sender, self.recipients))

    async def mail(self, mail: Mail) -> str:
        return await self._post(_letter(mail, self.sender, self.recipients))

    async def _post(self, message: EmailMessage) -> str:
        await asyncio.to_thread(self._hand_over, message)
        return str(message["Message-ID"])

    def _hand_over(self, message: EmailMessage) -> None:
        """Blocking. What breaks before the mail is begun has certainly sent nothing."""
        try:
            server = self._connected()
            try:
                server.ehlo_or_helo_if_needed()
                self._log_in(server)
                self._submit(server, message)
            finally:
                _leave(server)
        except Undelivered:
            raise
        except ssl.SSLCertVerificationError as error:
            raise NeedsPerson(
                f"the certificate of {self.host} is not trusted ({error.verify_message}); correct"
                " the host, or install the authority's certificate"
            ) from None
        except smtplib.SMTPNotSupportedError:
            raise NeedsPerson(
                f"{self.host} offers no STARTTLS or no log-in; correct security or port of"
                f" [[pager]] {self.name!r}"
            ) from None
        except smtplib.SMTPResponseException as error:
            raise self._answered(error.smtp_code) from None
        except OSError as error:  # smtplib's own errors are OSErrors too
            raise TryLater(f"{self.host} cannot be reached ({type(error).__name__})") from None

    def _connected(self) -> smtplib.SMTP:
        if self.security == "tls":
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(self.host, self.port, timeout=SECONDS, context=context)
        server = smtplib.SMTP(self.host, self.port, timeout=SECONDS)
        if self.security == "starttls":
            try:
                server.starttls(context=ssl.create_default_context())
            except BaseException:
                server.close()
                raise
        return server

    def _log_in(self, server: smtplib.SMTP) -> None:
        if self.username is None or self.password is None:
            return
        try:
            server.login(self.username, self.password.get_secret_value())
        except smtplib.SMTPAuthenticationError as error:
            if error.smtp_code < 500:
                raise TryLater(f"{self.host} cannot check the log-in now") from None
            raise self._locked_out() from None
        except UnicodeError:  # it holds what could not be encoded
            raise self._locked_out() from None

    def _locked_out(self) -> NeedsPerson:
        return NeedsPerson(
            f"{self.host} refuses the log-in; correct username or password of [[pager]]"
            f" {self.name!r}"
        )

    def _submit(self, server: smtplib.SMTP, message: EmailMessage) -> None:
        try:
            refused = server.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            raise self._answered(min(codes, default=550)) from None
        except smtplib.SMTPResponseException as error:
            raise self._answered(error.smtp_code) from None
        except OSError as error:
            raise Ambiguous(f"{self.host} broke off ({type(error).__name__})") from None
        for address, (code, _) in refused.items():
            log.error("%s does not take mail for %s (%d)", self.host, address, code)

    def _answered(self, code: int) -> TryLater | NeedsPerson:
        """4xx passes, 5xx does not (RFC 5321, 4.2.1). The server's words may hold anything."""
        if 400 <= code < 500 or code < 0:
            return TryLater(f"{self.host} asks to wait (SMTP {code})")
        return NeedsPerson(
            f"{self.host} refuses the mail (SMTP {code}); correct sender, recipients or log-in of"
            f" [[pager]] {self.name!r}"
        )


def _leave(server: smtplib.SMTP) -> None:
    """What goes wrong now changes nothing: the mail is taken, or known not to be."""
    with suppress(OSError):
        server.quit()
    server.close()


def _message(page: Page, sender: str, recipients: tuple[str, ...]) -> EmailMessage:
    """Every header is one line: what is foreign passes `plain`, which no line end survives."""
    domain = sender.rpartition("@")[2]
    known_as = hashlib.sha256(page.key.encode()).hexdigest()[:16]
    thread = f"<seamwatch-{page.incident_id}-{known_as}@{domain}>"
    reply = "" if page.act is PageAct.TRIGGER else "Re: "
    subject = reply + plain(f"{OUR_NAME}: {page.title}", SUBJECT)
    message = _addressed(subject, page.at, page.row_id, sender, recipients)
    message["In-Reply-To"] = thread
    message["References"] = thread
    if page.severity == "critical":
        message["Importance"] = "high"
    message.set_content(_text(page))
    return message


def _letter(mail: Mail, sender: str, recipients: tuple[str, ...]) -> EmailMessage:
    """The text, the page as its other form, and the page as a file too: many programs show only
    some of the styles of a page within a mail (https://www.caniemail.com)."""
    subject = plain(f"{OUR_NAME}: {mail.subject}", SUBJECT)
    message = _addressed(subject, mail.at, mail.row_id, sender, recipients)
    message.set_content(mail.text)
    message.add_alternative(mail.page, subtype="html")
    message.add_attachment(mail.page, subtype="html", filename=mail.name)
    return message


def _addressed(
    subject: str, at: datetime, row_id: str, sender: str, recipients: tuple[str, ...]
) -> EmailMessage:
    message = EmailMessage(policy=ONE_LINE)
    message["Subject"] = subject
    message["From"] = f"{OUR_NAME} <{sender}>"
    message["To"] = ", ".join(recipients)
    message["Date"] = format_datetime(at.astimezone(UTC))
    message["Message-ID"] = f"<{alias_of(row_id)}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
    return message


def _text(page: Page) -> str:
    facts = [f"{plain(name)}: {plain(value, LINE)}" for name, value in page.facts]
    parts = [
        SAID[page.act].format(by=plain(page.by) or "the check"),
        plain(page.sentence, LINE),
        "\n".join([f"Severity: {page.severity}", *facts]),
        page.url,
    ]
    return "\n\n".join(filter(None, parts)) + "\n"
