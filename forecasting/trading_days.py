"""Days on which trade is not as usual: public holidays, promotions, Black Friday."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

ONE_DAY = timedelta(days=1)
NOVEMBER, THURSDAY = 11, 3


class UnknownCountry(ValueError):
    """No holidays are known for a country; the text names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """A holiday or a promotion, both days included, by the local calendar.

    `times` is the expected multiple of the usual volume, None where nobody says.
    """

    name: str
    first: date
    last: date
    times: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """The occasions of an estate. `countries` are ISO 3166 codes whose public holidays count (GB,
    or GB-ENG for a part), `occasions` what the settings declare; days go by `zone`."""

    countries: tuple[str, ...] = ()
    occasions: tuple[Occasion, ...] = ()
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))

    def ahead(self, since: datetime, until: datetime) -> tuple[Occasion, ...]:
        """Those with a day between two moments (UTC), by their first day and name.

        Raises UnknownCountry.
        """
        last = until - timedelta(microseconds=1)
        return self.between(since.astimezone(self.zone).date(), last.astimezone(self.zone).date())

    def between(self, first: date, last: date) -> tuple[Occasion, ...]:
        """Those with one of these local days, both ends included. Raises UnknownCountry."""
        known = (*self.occasions, *_public(self.countries, first, last))
        found = {each for each in known if each.first <= last and first <= each.last}
        return tuple(sorted(found, key=lambda each: (each.first, each.name)))


def black_friday(year: int) -> Occasion:
    """From the Friday after the fourth Thursday of November to the Monday after it."""
    first = date(year, NOVEMBER, 1)
    friday = first + ((THURSDAY - first.weekday()) % 7 + 22) * ONE_DAY
    return Occasion(name="Black Friday weekend", first=friday, last=friday + 3 * ONE_DAY)


def check_country(code: str) -> None:
    """Raises UnknownCountry where the holidays library does not know the code."""
    import holidays

    country, _, part = code.partition("-")
    known = holidays.list_supported_countries()
    if country not in known or (part and part not in known[country]):
        raise UnknownCountry(
            f"no holidays are known for the country {code!r}: write an ISO 3166 code such as GB, "
            "or one with its part, such as GB-ENG"
        )


def _public(countries: tuple[str, ...], first: date, last: date) -> Iterator[Occasion]:
    for year in range(first.year, last.year + 1):
        yield black_friday(year)
        for country in countries:
            yield from _holidays(country, year)


@lru_cache(maxsize=64)
def _holidays(country: str, year: int) -> tuple[Occasion, ...]:
    import holidays  # a second of work; most estates name one country

    check_country(country)
    name, _, part = country.partition("-")
    found = holidays.country_holidays(name, subdiv=part or None, years=year, language="en_GB")
    return tuple(Occasion(name=name, first=day, last=day) for day, name in sorted(found.items()))
