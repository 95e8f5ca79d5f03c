"""What any system may say in a run's log when it refuses, and what that means.

The order decides where several fit: a limit is often told with the status of something else (503,
400, 403), and so is a rejected credential; what needs a person (a credential, a right) goes before
what may pass, and that before what fails again. A number counts as an HTTP status only where it
stands as one ("HTTP 401", "status 401", "(401)", "returned 401"): never within "401 records".
"""

from __future__ import annotations

from checks.declare import Cause, Mark, Saying, Source

STATUS = Source(mark=Mark.CONFIRMED, url="https://www.rfc-editor.org/rfc/rfc9110#section-15")
TOO_MANY = Source(mark=Mark.CONFIRMED, url="https://www.rfc-editor.org/rfc/rfc6585#section-4")
OAUTH = Source(mark=Mark.CONFIRMED, url="https://www.rfc-editor.org/rfc/rfc6749#section-5.2")
CURL = Source(mark=Mark.CONFIRMED, url="https://curl.se/libcurl/c/libcurl-errors.html")
SHAPES = Source(
    mark=Mark.CONFIRMED,
    url="https://doc.wearepatchworks.com/product-documentation/process-flows/"
    "building-process-flows/understanding-how-data-flows-through-shapes",
)
WORDS = Source(mark=Mark.RECALLED)

_NAMED = (
    r"(?:\bHTTP(?:/\d(?:\.\d)?)?(?:[ _-](?:error|status|response|code)){0,3}"
    r"|\bstatus(?:[ _-]?code)?|\b(?:response|http|error)[ _-]?code|[\"']code)"
    r"[\\\"']*\s*(?:[:=]|is|was|of)?\s*[\\\"'(\[]*"
)
_TOLD = (
    r"\b(?:error|returned|returns|received|got|gave|answered|responded|replied|with|an?)"
    r"(?:\s+(?:with|an?|code|status)){0,3}[\s:`'\"]+"
)
_ENDS = (
    r"(?=\s*(?:$|[.;:)\]'\"`]"
    r"|(?:error|response|status|client|server|from|for|on|by|when|while|after)\b))"
)
_COUNTS = r"(?!\s+(?:of|out of|records?|orders?|payloads?|items?|rows?|products?|customers?)\b)"


def _status(codes: str) -> str:
    """A pattern for some statuses, such as "502|503", wherever they stand as such."""
    number = rf"(?<![\w.,-])(?:{codes})(?!\w|[.,-]\d)"
    named = f"{_NAMED}{number}{_COUNTS}"
    return rf"{named}|[(\[]{number}[)\]]|{_TOLD}{number}{_ENDS}|^\W*{number}(?=\s*(?:$|[:.;-]))"


_KEY = (
    r"(?:tokens?|(?:api|access|account|consumer|subscription)[ _-]?keys?|credentials?|passwords?)"
)
_SECRET = rf"(?:{_KEY}|client secret|client certificate|session|login)"
_KIND = (
    r"(?:(?:access|refresh|bearer|auth\w*|api|security|session|oauth|user(?:name)?|client|or|key)"
    r"\W+){0,6}"
)
_ENDED = r"(?:expired|revoked|invalid|not valid|disabled|rejected|incorrect|wrong|not accepted)"
_RIGHTS = r"(?:permissions?|privileges?|scopes?|rights?|access(?! token))"


def _saying(cause: Cause, source: Source, *patterns: str) -> tuple[Saying, ...]:
    return tuple(Saying(pattern=pattern, cause=cause, source=source) for pattern in patterns)


_LIMIT = (
    *_saying(Cause.LIMIT, TOO_MANY, _status("429"), r"too many requests"),
    *_saying(
        Cause.LIMIT,
        WORDS,
        r"\b(?:rate|api|requests?|calls?|usage|burst)[ _-]?limit"
        r"(?![ _-]?(?:remaining|reset|limit|scope|policy)\b)",
        r"throttl",
        r"\bquota\b.{0,40}(?:exceeded|exhausted|reached|used up)|exceed\w*\W.{0,40}\bquota\b",
        r"concurren\w+ (?:requests? |calls? |connections? )?limit",
        r"too many concurrent|(?:exceeded|more than) [0-9]+ (?:requests|calls)",
        r"temporarily capped",
    ),
)
_HEALED = _saying(
    Cause.PASSING,
    WORDS,
    r"re-?auth\w*\W+(?:was |has been )?success|success\w* re-?auth",
    r"\btoken (?:was |has been )?(?:renewed|refreshed)",
)
_CREDENTIAL = (
    *_saying(Cause.CREDENTIAL, STATUS, _status("401")),
    *_saying(Cause.CREDENTIAL, OAUTH, r"invalid_(?:grant|client|token)|unauthorized_client"),
    *_saying(
        Cause.CREDENTIAL,
        WORDS,
        r"\bun-?authori[sz]ed\b(?! to\b)|\bun-?authenticated\b|\bnot authenticated\b",
        rf"\b{_ENDED}\W+{_KIND}{_SECRET}\b(?!\W+(?:in|at|near|on)\b)",
        rf"\b{_SECRET}\W+(?:\w+\W+){{0,3}}{_ENDED}\b",
        rf"\b(?:missing|no)\W+{_KIND}{_KEY}\b",
        r"re-?auth(?:enticat|ori[sz])",
        r"\bauthentication\W+(?:\w+\W+){0,2}(?:fail|error|required|unsuccessful|rejected)",
        r"\bauthori[sz]ation\W+(?:has been |was |is )?denied",
        r"\b(?:failed to|unable to|could not|cannot) (?:re-?)?(?:authenticate|log ?in)\b",
        r"\b(?:log ?in|sign ?in) (?:attempt )?(?:failed|rejected|denied)|wrong password",
        r"\bsignature\W+(?:is\W+)?invalid|invalid\W+signature",
    ),
)
_NOT_PERMITTED = (
    *_saying(Cause.NOT_PERMITTED, STATUS, _status("403")),
    *_saying(
        Cause.NOT_PERMITTED,
        WORDS,
        r"\bforbidden\b|\b(?:access|permission)\W+(?:to (?:\w+ ){1,4})?(?:(?:is|was)\W+)?denied",
        rf"\b(?:insufficient|missing|lacks?|without)\W+(?:\w+\W+){{0,3}}{_RIGHTS}\b",
        rf"\bnot have\W+(?:\w+\W+){{0,3}}{_RIGHTS}\b",
        r"\b(?:not |isn't |un-?)(?:allowed|permitted|authori[sz]ed) to\b",
    ),
)
_PASSING = (
    *_saying(Cause.PASSING, STATUS, _status("408|425|500|502|503|504|52[0-7]")),
    *_saying(Cause.PASSING, CURL, r"\bcurl error (?:5|6|7|18|28|35|52|55|56|92)\b"),
    *_saying(Cause.PASSING, SHAPES, r"\b(?:after|for|than|of|exceeded) (?:the )?30 minutes"),
    *_saying(
        Cause.PASSING,
        WORDS,
        r"internal (?:server )?error|bad gateway|service (?:is )?(?:temporarily )?unavailable",
        r"\btime[sd]?[ -]?out\b|\bmaximum execution time",
        r"connection (?:\w+ ){0,2}(?:reset|refused|aborted|closed|lost|dropped)",
        r"broken pipe|hang up|empty reply|host not found|could not (?:resolve|connect)",
        r"name resolution|\bE(?:CONN\w+|TIMEDOUT|NOTFOUND|AI_AGAIN)\b",
        r"temporarily|maintenance|overload|server is busy|deadlock|lock wait",
        r"try again (?:later|in\b|after|shortly)",
    ),
)
_LATER = _saying(Cause.LIMIT, WORDS, r"\bretry[ _-]after\b")  # with an outage it is no limit
_LASTING = (
    *_saying(Cause.LASTING, STATUS, _status("400|402|404|405|406|409|41[0-7]|422|423")),
    *_saying(
        Cause.LASTING,
        WORDS,
        r"bad request|not found|conflict|unprocessable|validation|mapping|schema|duplicate",
        r"\binvalid\b|\bnot valid\b|already exists|does not exist|no such|not exist",
        r"missing (?:\w+ ){0,3}(?:required|field|value)|is (?:required|missing)|required field",
        r"(?:must|can) ?not be (?:null|empty|blank)|unexpected token|syntax error|parse error",
        r"undefined (?:index|variable|property|method|key)|too long",
        r"(?:cannot|not|failed to) (?:parse|convert)|exceeds (?:the )?maximum",
        r"unknown (?:field|property|column|attribute)",
    ),
)
GENERAL: tuple[Saying, ...] = (
    *_LIMIT,
    *_HEALED,
    *_CREDENTIAL,
    *_NOT_PERMITTED,
    *_PASSING,
    *_LATER,
    *_LASTING,
)
