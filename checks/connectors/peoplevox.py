"""Descartes Peoplevox: its SOAP integration service, which says every error inside HTTP 200."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from checks.answers import excerpt
from checks.declare import (
    Answer,
    Auth,
    Call,
    Cause,
    Connector,
    Count,
    Counted,
    Credential,
    Keys,
    Life,
    Limit,
    Mark,
    No,
    NotOffered,
    Probe,
    Refusal,
    Sample,
    Saying,
    Scheme,
    Shape,
    Source,
    Whose,
)
from checks.lists import peoplevox as lists
from checks.reading import usual_refusal

DOCS = "https://doc.wearepatchworks.com/product-documentation"
RECALLED = Source(mark=Mark.RECALLED)
CLIENT = Source(
    mark=Mark.THIRD_PARTY, url="https://github.com/melvin-hamilton-digital/peoplevox-api"
)
RE_AUTHENTICATION = Source(
    mark=Mark.CONFIRMED, url=f"{DOCS}/~gitbook/pdf?only=yes&page=fJVVUZxCrKVirAOfbYXm"
)
# An invalid session passes where the platform opens a new one, and stays where it cannot.
SAYINGS = (
    Saying(pattern=r"security\b.{0,40}permission", cause=Cause.NOT_PERMITTED, source=RECALLED),
    Saying(
        pattern=r"security\b.{0,10}invalid session",
        cause=Cause.CREDENTIAL,
        source=RE_AUTHENTICATION,
    ),
)
SERVICE = "/resources/integrationservicev4.asmx"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
NAMESPACE = "http://www.peoplevox.net/"


def _call(action: str, body: str, header: str = "") -> Call:
    return Call(
        path=SERVICE,
        method="POST",
        headers={
            "Content-Type": "text/xml; charset=utf-8",
            "SOAPAction": f'"{NAMESPACE}{action}"',
        },
        text=f'<soap:Envelope xmlns:soap="{SOAP}">{header}<soap:Body>'
        f'<{action} xmlns="{NAMESPACE}">{body}</{action}></soap:Body></soap:Envelope>',
    )


NOES = (  # in this order; the first and the last are recalled
    (r"permission|not (permitted|allowed|authori[sz]ed)", No.NOT_PERMITTED),
    (r"^System\s*:\s*Security\b", No.CREDENTIAL),
    (r"time(d |-)?out|deadlock|busy|try again", No.NOT_NOW),
)
WITH_SESSION = (
    f'<soap:Header><UserSessionCredentials xmlns="{NAMESPACE}"><UserId>1</UserId>'
    "<ClientId>{client_id}</ClientId><SessionId>{session_id}</SessionId>"
    "</UserSessionCredentials></soap:Header>"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the body says. `total` is None where it is not told."""

    action: str
    failed: bool
    detail: str
    total: int | None


def _outcome(answer: Answer) -> Outcome | None:
    """The outcome in a SOAP body; None for anything else, a fault or a web page among it."""
    try:
        root = fromstring(answer.text)
    except (ParseError, DefusedXmlException, ValueError):
        return None
    for found in root.iter():
        name = str(found.tag).removeprefix(f"{{{NAMESPACE}}}")
        parts = {str(part.tag).rpartition("}")[2]: (part.text or "").strip() for part in found}
        if name.endswith("Result") and "ResponseId" in parts:
            total = parts.get("TotalCount", "")
            return Outcome(
                action=name.removesuffix("Result"),
                failed=parts["ResponseId"] != "0",
                detail=parts.get("Detail", ""),
                total=int(total) if re.fullmatch(r"[0-9]{1,12}", total) else None,
            )
    return None


def _session(answer: Answer) -> Mapping[str, str]:
    """The session, from "clientId,sessionId" in Detail; it goes into the body of later calls."""
    outcome = _outcome(answer)
    told = outcome.detail.rpartition(",")[2].strip() if outcome and not outcome.failed else ""
    if not re.fullmatch(r"[\w-]{1,128}", told, re.ASCII):
        raise ValueError("the answer to Authenticate has no session")
    return {"session_id": told}


def _refusal(answer: Answer) -> Refusal | None:
    """By the body, because the status is 200 for a lapsed session too.

    Only "System : Security - Invalid Session" is documented. A failed login whose words name no
    credential is taken for trouble of the system: a person must not be woken for its outage.
    """
    outcome = _outcome(answer)
    if outcome is None or not outcome.failed:
        return usual_refusal(answer)
    words = excerpt(outcome.detail) or "an error without words"
    no = next((no for pattern, no in NOES if re.search(pattern, words, re.IGNORECASE)), None)
    if outcome.action == "Authenticate" and no is None:
        named = re.search(r"password|user|log ?in|credential|client ?id", words, re.IGNORECASE)
        no = No.CREDENTIAL if named else No.NOT_NOW
    return Refusal(no=no, words=words) if no else None


def _success(answer: Answer) -> Outcome:
    outcome = _outcome(answer)
    if outcome is None:
        raise ValueError("the answer is no Peoplevox result")
    if outcome.failed:
        raise ValueError(f"Peoplevox answered an error: {excerpt(outcome.detail)}")
    return outcome


def _detail(answer: Answer) -> str:
    return _success(answer).detail


def _total(answer: Answer) -> Counted:
    outcome = _success(answer)
    if outcome.total is None:
        raise ValueError("the answer has no TotalCount")
    return Counted(number=outcome.total, exact=False)


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y,%m,%d,%H,%M,%S")


def _get_data(template: str, search: str = "", *, page: str = "1", size: int = 1) -> Call:
    return _call(
        "GetData",
        f"<getRequest><TemplateName>{template}</TemplateName><PageNo>{page}</PageNo>"
        f"<ItemsPerPage>{size}</ItemsPerPage><SearchClause>{search}</SearchClause></getRequest>",
        WITH_SESSION,
    )


def _count(entity: str) -> Count:
    return Count(
        entity=entity,
        call=_get_data(f"{{{entity}_template}}", "{changed_column} &gt;= DateTime({since})"),
        since=_moment,
        read=_total,
        source=CLIENT,
        note="not exact until a live tenant shows that TotalCount is the total and not the page, "
        "and that its clock is UTC",
    )


def _said(action: str, response: str, detail: str, total: str = "") -> str:
    count = f"<TotalCount>{total}</TotalCount>" if total else ""
    return (
        f'<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="{SOAP}"><soap:Body>'
        f'<{action}Response xmlns="{NAMESPACE}"><{action}Result><ResponseId>{response}</ResponseId>'
        f"{count}<Detail>{detail}</Detail></{action}Result></{action}Response>"
        "</soap:Body></soap:Envelope>"
    )


ORDER = "SalesOrderNumber,Customer\r\nSO-20418,J Smith"
INVALID_SESSION = "System : Security - Invalid Session"
SAMPLES = (
    Sample(of="probe", body=_said("GetData", "0", ORDER, "20418")),
    Sample(of="login", body=_said("Authenticate", "0", "acme2661,5f0c9be1-7a")),
    Sample(of="count orders", body=_said("GetData", "0", ORDER, "317"), means=317),
    Sample(of="count products", body=_said("GetData", "0", "", "0"), means=0),
    Sample(of="count customers", body=_said("GetData", "0", "Customer\r\nJ Smith", "1"), means=1),
    Sample(of="not now", body=_said("Authenticate", "-1", "System : Timeout expired")),
    Sample(of="not permitted", body=_said("GetData", "-1", "System : Security - No permission")),
    Sample(of="credential", body=_said("GetData", "-1", INVALID_SESSION)),
    Sample(of="credential", body=_said("Authenticate", "-1", "Invalid username or password")),
)

PASSWORD = Credential(
    name="password",
    life=Life.DECLARED,
    lasts=None,
    source=RECALLED,
    needs_person=True,
    note="the end of a password is not told",
)
SESSION = Credential(
    name="session",
    life=Life.SESSION,
    lasts=None,
    source=RE_AUTHENTICATION,
    renews_itself=True,
    note="its life is not published; a lapsed one is told inside HTTP 200. Without its "
    "re-authentication script the platform logs in for every request, which doubles the calls",
)
CHANGED = NotOffered("which columns there are depends on the template")

CONNECTORS = (
    Connector(
        kind="peoplevox",
        title="Descartes Peoplevox",
        docs=f"{DOCS}/connectors-and-instances/patchworks-connectors/"
        "descartes-peoplevox-prebuilt-connector",
        base_url="https://{host}/{client_id}",
        placeholders={
            "host": "the region's host, for example wms.peoplevox.net or ap.peoplevox.net",
            "client_id": "the Peoplevox client id",
            "changed_column": "the column of the templates that holds the moment of change",
            "orders_template": "the export template of sales orders",
            "products_template": "the export template of item types",
            "customers_template": "the export template of customers",
        },
        auths=(
            Auth(
                name="login",
                scheme=Scheme.LOGIN,
                secrets={
                    "username": "a Peoplevox user of the monitor's own",
                    "password": "that user's password as the region wants it: plain in the US, "
                    "Base64-encoded everywhere else",
                },
                credential=PASSWORD.name,
                source=CLIENT,
                open=_call(
                    "Authenticate",
                    "<clientId>{client_id}</clientId><username>{username}</username>"
                    "<password>{password}</password>",
                ),
                session=_session,
            ),
        ),
        credentials=(PASSWORD, SESSION),
        probe=Probe(
            call=_get_data("{orders_template}"),
            proves="the service answers and accepts the session of the login before it",
            source=CLIENT,
        ),
        limits=(
            Limit(
                name="requests",
                shape=Shape.UNREADABLE,
                whose=Whose.NOBODYS,
                published=(),
                read=NotOffered("neither a limit nor its use is published or told"),
                source=RECALLED,
            ),
        ),
        counts=tuple(_count(entity) for entity in ("orders", "products", "customers")),
        keys=Keys(
            number="SalesOrderNumber",
            changed_at=CHANGED,
            total=CHANGED,
            currency=CHANGED,
            line_count=NotOffered("lines are a template of their own"),
            source=RECALLED,
        ),
        refusal=_refusal,
        lists=lists.orders(
            lambda search: _get_data("{orders_template}", search, page="{page}", size=200),
            _detail,
            lambda detail: _said("GetData", "0", detail),
        ),
        status_page=NotOffered("no public one was found"),
        signals=NotOffered("the service tells no version and no deprecation"),
        sayings=SAYINGS,
        samples=SAMPLES,
        defaults={
            "host": "wms.peoplevox.net",
            "orders_template": "Sales orders",
            "products_template": "Item types",
            "customers_template": "Customers",
        },
    ),
)
