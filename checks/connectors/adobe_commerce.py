"""Adobe Commerce (Magento 2): self-hosted and PaaS over OAuth 1.0a, SaaS over Adobe's IMS."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

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
from checks.lists import adobe_commerce as lists
from checks.reading import count_at, find, usual_refusal

REPOSITORY = "https://github.com/AdobeDocs/commerce-webapi/blob/main/src"
GUIDE = f"{REPOSITORY}/pages/get-started"
LIMITER = Source(mark=Mark.CONFIRMED, url=f"{GUIDE}/rate-limiting.md")
TOKENS = Source(mark=Mark.CONFIRMED, url=f"{GUIDE}/authentication/gs-authentication-token.md")
OAUTH = Source(mark=Mark.CONFIRMED, url=f"{GUIDE}/authentication/gs-authentication-oauth.md")
SERVER = Source(
    mark=Mark.CONFIRMED,
    url=f"{REPOSITORY}/pages/rest/authentication/server-to-server.md",
)
SCHEMA = Source(mark=Mark.CONFIRMED, url=f"{REPOSITORY}/openapi/admin-schema-2.4.8.yaml")
ERRORS = Source(mark=Mark.CONFIRMED, url=f"{GUIDE}/authentication/oauth-errors.md")
RESOURCES = Source(
    mark=Mark.THIRD_PARTY, url="https://docs.beesline.com/erp-order-sync/error-format"
)
SAYINGS = (
    Saying(pattern="graphql-too-many-requests", cause=Cause.LIMIT, source=LIMITER),
    Saying(pattern="authori[sz]ed to access", cause=Cause.NOT_PERMITTED, source=RESOURCES),
    Saying(  # told by Adobe's gateway: the key is good, its use here is not allowed
        pattern=r"error_code\W+403000\b",
        cause=Cause.NOT_PERMITTED,
        source=Source(mark=Mark.RECALLED),
    ),
    Saying(pattern="permission_(?:denied|unknown)", cause=Cause.NOT_PERMITTED, source=ERRORS),
    Saying(
        pattern="signature_invalid|consumer_key_(?:rejected|invalid)"
        "|token_(?:expired|revoked?|rejected|used)",
        cause=Cause.CREDENTIAL,
        source=ERRORS,
    ),
    Saying(
        pattern="the signature is invalid|oauth token is not valid",
        cause=Cause.CREDENTIAL,
        source=Source(mark=Mark.RECALLED),
    ),
)
ASKED_BY = {"x-api-key": "{client_id}", "x-gw-ims-org-id": "{organisation_id}"}


def _refusal(answer: Answer) -> Refusal | None:
    """A missing right is a 401 that names the resource; a rejected key may be a 403.

    The 401 with resources is seen with a token that was accepted:
    https://docs.beesline.com/erp-order-sync/error-format. The 403 is in Adobe's table:
    https://github.com/AdobeDocs/commerce-webapi/blob/main/src/pages/get-started/authentication/oauth-errors.md
    """
    errors = find(answer.data, "errors")
    listed = errors if isinstance(errors, list) else []
    if "graphql-too-many-requests" in [find(error, "extensions.category") for error in listed]:
        return Refusal(no=No.NOT_NOW, words="too many requests")
    if answer.status == 401 and find(answer.data, "parameters.resources") is not None:
        return Refusal(no=No.NOT_PERMITTED, words="the integration lacks this resource")
    if answer.status == 403 and "consumer_key_invalid" in answer.text:
        return Refusal(no=No.CREDENTIAL, words="the consumer key is invalid")
    return usual_refusal(answer)


def _counted(answer: Answer) -> Counted:
    return Counted(number=count_at(answer.data, "total_count"), exact=True)


def _since(at: datetime) -> str:
    """Times are stored in UTC (recalled) and compared as text without a zone."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def _counts(headers: Mapping[str, str]) -> tuple[Count, ...]:
    """`fields` trims the answer to its total; a page of one keeps the work small."""
    criterion = "searchCriteria[filter_groups][0][filters][0]"
    changed = {
        f"{criterion}[field]": "updated_at",
        f"{criterion}[value]": "{since}",
        f"{criterion}[condition_type]": "gteq",
        "searchCriteria[pageSize]": "1",
        "fields": "total_count",
    }
    paths = {
        "orders": "/V1/orders",
        "products": "/V1/products",
        "customers": "/V1/customers/search",
    }
    return tuple(
        Count(
            entity=entity,
            call=Call(path=path, params=changed, headers=headers),
            since=_since,
            read=_counted,
            source=SCHEMA,
        )
        for entity, path in paths.items()
    )


def _probe(headers: Mapping[str, str]) -> Probe:
    return Probe(
        call=Call(path="/V1/store/storeConfigs", headers=headers),
        proves="the shop answers and the credential is accepted",
        source=SCHEMA,
    )


LIMITS = (
    Limit(
        name="calls",
        shape=Shape.UNREADABLE,
        whose=Whose.NOBODYS,
        published=(),
        read=NotOffered(
            "nothing tells it: the host, its CDN or firewall is the ceiling, and the optional "
            "limiter (2.4.7 and later) covers only placing orders and payment"
        ),
        source=LIMITER,
    ),
)
KEYS = Keys(
    number="increment_id",
    changed_at="updated_at",
    total="grand_total",
    currency="order_currency_code",
    line_count="total_item_count",
    source=SCHEMA,
)
NO_SIGNALS = NotOffered("no answer tells a version; the module list would, at a call of its own")
STORES = '[{"id":1,"code":"default","website_id":1,"locale":"en_GB","base_currency_code":"GBP"}]'
SAMPLES = (
    Sample(of="probe", body=STORES),
    Sample(of="count orders", body='{"total_count":57}', means=Counted(number=57, exact=True)),
    Sample(of="count products", body='{"total_count":0}', means=Counted(number=0, exact=True)),
    Sample(
        of="count customers",
        body='{"items":[{"id":3}],"search_criteria":{"page_size":1},"total_count":12}',
        means=Counted(number=12, exact=True),
    ),
    Sample(of="not now", status=429, body='{"message":"Too Many Requests","trace":null}'),
    Sample(
        of="not now",
        body='{"errors":[{"message":"Too Many Requests",'
        '"extensions":{"category":"graphql-too-many-requests"}}],"data":{"placeOrder":null}}',
    ),
    Sample(
        of="not permitted",
        status=401,
        body='{"message":"The consumer isn\'t authorized to access %resources.",'
        '"parameters":{"resources":"Magento_Sales::actions_view"}}',
    ),
)

PAAS = Connector(
    kind="adobe_commerce",
    title="Adobe Commerce / Magento 2",
    docs="https://developer.adobe.com/commerce/webapi/rest/",
    base_url="https://{host}/rest",
    placeholders={"host": "the shop's host, with the folder it is installed in, if any"},
    auths=(
        Auth(
            name="integration",
            scheme=Scheme.OAUTH1,
            secrets={
                "consumer_key": "consumer key of the monitor's own integration",
                "consumer_secret": "its consumer secret",
                "token": "its access token",
                "token_secret": "its access token secret",
            },
            credential="integration",
            source=OAUTH,
        ),
    ),
    credentials=(
        Credential(
            name="integration",
            life=Life.DECLARED,
            lasts=None,
            source=TOKENS,
            note="its four values last until they are revoked",
        ),
        Credential(
            name="admin token",
            life=Life.SELF_DESCRIBING,
            lasts=timedelta(hours=4),
            source=TOKENS,
            renews_itself=True,
            note="the life is a setting of the shop; older releases issue a text that does not "
            "tell its end (recalled: a JWT from 2.4.4 on)",
        ),
    ),
    probe=_probe({}),
    limits=LIMITS,
    counts=_counts({}),
    keys=KEYS,
    refusal=_refusal,
    lists=lists.orders({}),
    status_page=NotOffered("the shop is hosted by its owner"),
    signals=NO_SIGNALS,
    sayings=SAYINGS,
    samples=(
        *SAMPLES,
        Sample(
            of="credential",
            status=401,
            body='{"message":"The signature is invalid. Verify and try again."}',
        ),
        Sample(of="credential", status=403, body="oauth_problem=consumer_key_invalid"),
    ),
)

SAAS = Connector(
    kind="adobe_commerce_saas",
    title="Adobe Commerce as a Cloud Service",
    docs="https://developer.adobe.com/commerce/services/cloud/guides/rest",
    base_url="https://{region}.api.commerce.adobe.com/{tenant_id}",
    placeholders={
        "region": "the cloud region, such as na1, or na1-sandbox",
        "tenant_id": "the instance's tenant ID",
        "client_id": "client ID of the monitor's own server-to-server credential",
        "organisation_id": "the IMS organisation's ID, ending in @AdobeOrg",
    },
    auths=(
        Auth(
            name="server to server",
            scheme=Scheme.CLIENT_CREDENTIALS,
            secrets={"client_secret": "its client secret"},
            credential="IMS access token",
            source=SERVER,
            details={
                "token_url": "https://ims-na1.adobelogin.com/ims/token/v3",
                "client_id": "{client_id}",
                "scope": "openid,AdobeID,email,profile,additional_info.roles,"
                "additional_info.projectedProductContext,commerce.accs",
            },
        ),
    ),
    credentials=(
        Credential(
            name="IMS access token",
            life=Life.TOLD_AT_ISSUE,
            lasts=timedelta(hours=24),
            source=TOKENS,
            renews_itself=True,
        ),
        Credential(
            name="IMS client secret",
            life=Life.DECLARED,
            lasts=None,
            source=SERVER,
            needs_person=True,
            note="Adobe advises to rotate it",
        ),
    ),
    probe=_probe(ASKED_BY),
    limits=LIMITS,
    counts=_counts(ASKED_BY),
    keys=KEYS,
    refusal=_refusal,
    lists=lists.orders(ASKED_BY),
    status_page=NotOffered("no status page of this service in JSON was found"),
    signals=NO_SIGNALS,
    sayings=SAYINGS,
    samples=(
        *SAMPLES,
        Sample(
            of="credential",
            status=401,
            body='{"error_code":"401013","message":"Oauth token is not valid"}',
        ),
        Sample(
            of="not permitted",
            status=403,
            body='{"error_code":"403000","message":"Api Key is invalid for this organisation"}',
        ),
    ),
)
CONNECTORS = (PAAS, SAAS)
