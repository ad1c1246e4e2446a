"""The limits in force at a moment, who binds them, until when, and what comes next."""
import math
from dataclasses import dataclass
from functools import cached_property

from .merge import AMPERES, WATTS, merge
from .times import format_instant


@dataclass(frozen=True)
class Standing:
    """How one stream is followed: live, holding or failsafe."""

    service: str
    key: str
    phase: str

    def __str__(self):
        return f"{self.service}/{self.key} {self.phase}"


@dataclass(frozen=True)
class SiteLimits:
    """
    `phase` is init, controlled, holding or failsafe. Only where `is_known` is true does a quantity that nobody states mean "no limit"; otherwise a limit may have been lost on the way.
    `at` is nanoseconds of the hub's clock; `followed` are the envelopes that the limits are merged of.
    """

    site_id: str
    at: int
    clock_ahead: int
    phase: str
    is_known: bool
    since_heard: int | None
    streams: tuple
    waiting_for: tuple | None
    followed: tuple

    @cached_property
    def segments(self):
        """What holds at the connection point, from now on."""
        return merge(self.followed, "site", self.site_id, self.at)

    @property
    def limits(self):
        """What holds now: for each stated quantity (`importLimitW`, `L1.importLimitA`, `connect`, ...) a `Bound`."""
        return self._nearest[0].limits

    @cached_property
    def _nearest(self):
        # What holds now and what next: of the rest nobody may ever ask.
        return merge(self.followed, "site", self.site_id, self.at, most=2)

    def limits_of(self, kind, target_id):
        """The same for another metering boundary (circuit, evseGroup, evse, ess, pv)."""
        return merge(self.followed, kind, target_id, self.at, most=1)[0].limits

    @property
    def until(self):
        """When the limits change next, as text; None: not as things stand."""
        return None if self._nearest[0].until is None else format_instant(self._nearest[0].until)

    @property
    def next(self):
        """What holds from then on; None: nothing changes."""
        return self._nearest[1].limits if len(self._nearest) > 1 else None

    def most(self, quantity, failsafe):
        """
        The most of a quantity, in its unit: the limit in force, 0 where the site is told to disconnect or to cease to energize, `failsafe` where not all is known,
        and None only for "no limit" that is known. ValueError for a quantity that the contract does not have, and for a `failsafe` that is no finite number of 0 or more.
        """
        if quantity not in WATTS + AMPERES:
            raise ValueError(f"'{quantity}' is no quantity; one of {', '.join(WATTS + AMPERES)}")
        if isinstance(failsafe, bool) or not math.isfinite(failsafe) or failsafe < 0:
            raise ValueError("failsafe is a finite number, 0 or more")
        if any(quantity in self.limits and self.limits[quantity].value is False for quantity in ("connect", "energize")):
            return 0
        return self.limits[quantity].value if quantity in self.limits else None if self.is_known else failsafe

    def says_same_as(self, other):
        """True where nothing that a controller acts on differs."""
        return other is not None and (self._only_later_than(other) or self._told == other._told)

    def _only_later_than(self, other):
        # The same is followed, and nothing that it says begins or ends in between: there is nothing to merge anew.
        return (
            other.at <= self.at and (other._turn is None or self.at < other._turn) and self.site_id == other.site_id and self._standing == other._standing and self.followed == other.followed)

    @property
    def _standing(self):
        return self.phase, self.is_known, self.waiting_for is None, self.streams

    @cached_property
    def _turn(self):
        ends = [segments[0].until for _, segments in [(None, self._nearest), *self._parts] if segments[0].until is not None]
        return min(ends, default=None)

    @cached_property
    def _told(self):
        return *self._standing, self.limits, self.until, self.next, [(part, [(s.start if n else None, s.until, s.limits) for n, s in enumerate(segments)]) for part, segments in self._parts]

    @cached_property
    def _parts(self):
        parts = sorted({(e["target"]["kind"], e["target"]["id"]) for e in self.followed} - {("site", self.site_id)})
        return [(part, merge(self.followed, *part, self.at, most=2)) for part in parts]
