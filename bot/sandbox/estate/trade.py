"""What passes between the company and its vendors: calls of the platform, questions of monitors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.sandbox.estate.model import Flow, Instance, Refusal, Run, Status
from bot.sandbox.estate.story import AGAIN_AFTER, ATTEMPTS, requests
from bot.sandbox.estate.vendors import all_shops
from bot.sandbox.estate.vendors.books import Books
from bot.sandbox.estate.vendors.reshaped import CHANGES, reshape
from bot.sandbox.estate.vendors.status_page import StatusPage
from bot.sandbox.estate.vendors.vendor import Answered, Asked, Shop

STATUS_PATH = "/status.json"

_FELT_FROM = 0.5  # below this share of somebody else the platform notices nothing
_MOST_HELD = 8.0
_REFUSED_EARLY = 0.3  # of its usual length: how long a run lasts that nobody lets in


class UnknownVendor(KeyError):
    """Nobody of that name sells to the company; the text says who does."""

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(slots=True, kw_only=True)
class Lie:
    """What becomes of a vendor's honest answer on paths with `within`, so many times more."""

    made_of: Callable[[Answered], Answered]
    within: str
    times: int


class Trade:
    """The vendors of one company, with what goes wrong between them and it.

    A vendor is named by its shop or by the company's system. It moves only when told; UTC.
    """

    def __init__(self, books: Books, shops: Sequence[Shop] | None = None) -> None:
        self.shops = {shop.name: shop for shop in (all_shops() if shops is None else shops)}
        self.vendors = {name: shop.open(books) for name, shop in self.shops.items()}
        self.pages = {name: StatusPage(name) for name in self.shops}
        self._of_system = {shop.system: shop.name for shop in self.shops.values() if shop.system}
        self._lapsed: set[str] = set()
        self._shares: dict[str, float] = {}
        self._lies: dict[str, list[Lie]] = {}
        self._complaints: dict[str, list[str]] = {}
        self._changes: dict[str, dict[str, str]] = {}

    def shop(self, name: str) -> Shop:
        """Find a shop. Raises UnknownVendor, which lists the names that exist."""
        wanted = name.casefold()
        for shop in self.shops.values():
            if wanted in (shop.name, shop.system.casefold()):
                return shop
        known = ", ".join(self.shops)
        raise UnknownVendor(f"no vendor is called {name!r}; choose one of {known}")

    def answer(self, name: str, asked: Asked) -> Answered:
        """What comes back over HTTP. Raises KeyError for a name that is no shop's."""
        if asked.path == STATUS_PATH:
            return self.pages[name].answer(asked.at)
        honest = reshape(self.vendors[name].answer(asked), self._changes.get(name, {}))
        lies = self._lies.get(name, [])
        lie = next((lie for lie in lies if lie.times and lie.within in asked.path), None)
        if lie is None:
            return honest
        lie.times -= 1
        return lie.made_of(honest)

    def lapse(self, name: str, *, platforms: bool = True) -> None:
        """The platform's credential (or the monitor's) is not accepted any more."""
        shop = self.shop(name)
        self.vendors[shop.name].lapse(platforms=platforms)
        if platforms:
            self._lapsed.add(shop.name)

    def renew(self, name: str) -> bool:
        """Every credential is accepted again. Answers whether the platform's was not."""
        shop = self.shop(name)
        self.vendors[shop.name].renew()
        was_out = shop.name in self._lapsed
        self._lapsed.discard(shop.name)
        return was_out

    def crowd(self, name: str, share: float, at: datetime) -> None:
        """Somebody else uses this share (0 to 1) of the allowance from now on."""
        shop = self.shop(name)
        self.vendors[shop.name].crowd(share, at)
        self._shares[shop.name] = share

    def lie(
        self,
        name: str,
        made_of: Callable[[Answered], Answered],
        *,
        times: int = 1,
        within: str = "",
    ) -> None:
        """The next answers to monitors, on paths with `within`, are made of the honest ones."""
        lies = self._lies.setdefault(self.shop(name).name, [])
        lies.append(Lie(made_of=made_of, within=within, times=times))

    def change(self, name: str, field: str, how: str) -> None:
        """A new version of its API: a field of its answers to monitors is changed, one of CHANGES.

        Raises KeyError for another change.
        """
        if how not in CHANGES:
            raise KeyError(how)
        self._changes.setdefault(self.shop(name).name, {})[field] = how

    def restore(self, name: str) -> None:
        """Its answers are again as they always were."""
        self._changes.pop(self.shop(name).name, None)

    def complain(self, name: str, says: str, times: int) -> None:
        """The platform's next attempts end with these words, and are repeated."""
        self._complaints.setdefault(self.shop(name).name, []).extend([says] * times)

    def redden(self, name: str, component: str) -> None:
        """The vendor's status page says that a part of it, or of somebody else, is out."""
        self.pages[self.shop(name).name].set(component, "major_outage")

    def calm(self, at: datetime) -> None:
        """All is well again with every vendor."""
        for name, vendor in self.vendors.items():
            vendor.renew()
            if self._shares.get(name):
                vendor.crowd(0.0, at)
            self.pages[name].clear()
        for trouble in (self._lapsed, self._shares, self._lies, self._complaints, self._changes):
            trouble.clear()

    def drag(self, flow: Flow) -> float:
        """How many times its usual the next run takes: the platform holds requests back that would

        break a limit, before any is refused.
        https://doc.wearepatchworks.com/product-documentation/connectors-instances/working-with-instances
        """
        names = [self._of_system.get(one.system.name, "") for one in (flow.source, flow.target)]
        if any(name in self._lapsed for name in names):
            return _REFUSED_EARLY
        share = max(self._shares.get(name, 0.0) for name in names)
        if share < _FELT_FROM:
            return 1.0
        return min(_MOST_HELD, 1 / (1 - share)) if share < 1 else _MOST_HELD

    def settle(self, run: Run, now: datetime) -> Run:
        """A run that is about to end, after its calls: as it was, or going on, or failed."""
        done = run.refusal.step if run.refusal else 0
        for step, instance, calls in _calls(run):
            if step >= done and (said := self._said_to(instance, calls, now)):
                name = self._of_system[instance.system.name]
                return _refused(run, step, said, now, credential=name in self._lapsed)
        return run

    def _said_to(self, instance: Instance, calls: int, at: datetime) -> str:
        name = self._of_system.get(instance.system.name)
        if name is None:
            return ""
        if complaints := self._complaints.get(name):
            return complaints.pop()
        return self.vendors[name].serve(calls, at)


def _calls(run: Run) -> Iterator[tuple[int, Instance, int]]:
    """The steps that call an instance: step, instance, how many calls."""
    received, sent = requests(run)
    yield 1, run.flow.source, received
    if sent:
        yield 3, run.flow.target, sent


def _refused(run: Run, step: int, says: str, now: datetime, *, credential: bool) -> Run:
    before = run.refusal.attempts if run.refusal and run.refusal.step == step else 0
    refusal = Refusal(step=step, says=says, attempts=before + 1, credential=credential)
    if credential or refusal.attempts == ATTEMPTS:
        return replace(run, ends_at=now, outcome=Status.FAILURE, refusal=refusal)
    return replace(run, ends_at=now + AGAIN_AFTER, refusal=refusal)
