"""
The hub's time, told by its heartbeats and carried on by this machine's monotonic clock. A heartbeat can only be late, never early, so of the last few the one with the least delay counts.
One that is further away than a minute is not believed alone. Where the last two are later than the others the hub's clock may have been set back by less: then both times count.
"""
from .times import SECOND, parse_instant

_KEPT = 8
_PLAUSIBLE = parse_instant("2000-01-01T00:00:00Z")
_NOTICEABLE = SECOND
_BELIEVABLE = 60 * SECOND


class HubClock:
    """Immutable. `origins` are what the hub's clock showed when the monotonic clock was at zero, as each of the last heartbeats puts it."""

    def __init__(self, origins, doubted=None):
        self.origins = origins
        self.doubted = doubted

    @property
    def set_back(self):
        """The same, as the last two heartbeats put it where both are more than a second behind the others; None: they are not."""
        if len(self.origins) <= 2:
            return None
        last = max(self.origins[-1], self.origins[-2])
        return last if max(self.origins) - last > _NOTICEABLE else None

    def at(self, monotonic):
        """The hub's time at a monotonic time."""
        return max(self.origins) + monotonic

    @staticmethod
    def after(before, hub, monotonic):
        """The clock after a heartbeat; one whose time can't be meant changes nothing. `before` is None before the first."""
        if hub < _PLAUSIBLE:
            return before
        origin = hub - monotonic
        if before is None:
            return HubClock([origin])
        if abs(origin - max(before.origins)) <= _BELIEVABLE:
            return HubClock((before.origins + [origin])[-_KEPT:])
        if before.doubted is not None and abs(origin - before.doubted) <= _BELIEVABLE:
            return HubClock([before.doubted, origin])
        return HubClock(before.origins, origin)
