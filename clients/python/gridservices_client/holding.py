"""The state of the fail-safe machine: immutable, changed only by it. Monotonic times are nanoseconds since any fixed start, wall times nanoseconds since 1970."""
from dataclasses import dataclass, field, replace

from .clock import HubClock
from .contract import NotReadable, check_failsafe, read_setting
from .held import HeldSet
from .messages import Cursor
from .times import SECOND, format_instant

_TOLERANCE = SECOND


@dataclass(frozen=True)
class Moment:
    """One reading of both clocks. Schedules go by `wall`; staleness and shortest stays go by `monotonic`, so that a clock that is set neither hides a dead line nor invents one."""

    wall: int
    monotonic: int


@dataclass(frozen=True)
class Options:
    """The controller's own rules. `init_limits` hold before the first contact ever; `default` is for envelopes without `failsafe`."""

    init_limits: dict | None = None
    default: dict = field(default_factory=lambda: {"staleAfter": "PT2M", "onStale": "holdSchedule"})


def checked(options):
    """The same, judged as the hub's own words are: a name that nobody knows must not read as "no limit". ValueError where they don't fit."""
    try:
        init_limits = None if options.init_limits is None else read_setting(options.init_limits, "limits")
    except NotReadable as fault:
        raise ValueError(f"init_limits: {fault}") from fault
    try:
        default = read_setting(options.default, "failsafe")
        if unknown := sorted(set(default) - {"staleAfter", "onStale", "limits", "minDuration"}):
            raise NotReadable(f"/{unknown[0]} is not known")
        check_failsafe(default)
    except (NotReadable, ValueError) as fault:
        raise ValueError(f"default: {fault}") from fault
    return Options(init_limits, default)


@dataclass(frozen=True)
class StreamFailsafe:
    """One stream in fail-safe; `persisted` is when it was entered before a restart, by the hub's clock: `entered_at` is a guess until the hub has told its time."""

    envelope: dict
    entered_at: int
    heartbeat_seen: bool = False
    statement_seen: bool = False
    restated: bool = False
    persisted: int | None = None


@dataclass(frozen=True)
class Holding:
    """`failsafes` by `key_of`, `lost` (utilities that are not heard, and since when) by `stream_of`."""

    options: Options
    set: HeldSet
    contacted: bool = False
    blank: bool = False
    heard_at: int | None = None
    clock: HubClock | None = None
    site_unknown: bool = False
    waiting_for: tuple | None = None
    lost: dict = field(default_factory=dict)
    failsafes: dict = field(default_factory=dict)
    missed: bool = False
    missed_since: int | None = None
    confirmed_at: int | None = None
    written_origin: int | None = None
    wall_origin: int | None = None

    @property
    def cursor(self):
        return Cursor.parse(self.set.cursor)

    @property
    def needs_set(self):
        """True when the whole set must be asked for: something was missed, or a stream in fail-safe has its heartbeat and waits for the statement that must follow it."""
        return self.missed or any(f.heartbeat_seen and not f.statement_seen for f in self.failsafes.values())

    def time_at(self, now):
        """The time that schedules go by: the hub's where it is known, otherwise this machine's, corrected by what was wrong with it when it last was."""
        return self.clock.at(now.monotonic) if self.clock else now.wall - (self.set.clock_ahead_ms or 0) * 1_000_000

    def doubted_times_at(self, now):
        """Other times that it may be; what holds at any of them is obeyed."""
        at, times = self.time_at(now), []
        if self.clock is None or len(self.clock.origins) == 1:
            times.append(now.wall)
        stopped = None if self.written_origin is None else self.written_origin + now.monotonic
        if self.clock is None and stopped is not None and stopped > at and stopped > now.wall:
            times.append(stopped)
        if self.clock is not None:
            times += [origin + now.monotonic for origin in (self.clock.doubted, self.clock.set_back) if origin is not None]
            if self.wall_origin is not None and now.wall - now.monotonic - self.wall_origin > _TOLERANCE:
                times.append(at + now.wall - now.monotonic - self.wall_origin)
        return list(dict.fromkeys(t for t in times if abs(t - at) > _TOLERANCE))

    def clock_ahead_ms_at(self, now):
        """By how many milliseconds this machine's clock is ahead of the hub's; None: by less than a second."""
        if self.clock is None:
            return self.set.clock_ahead_ms
        ahead = now.wall - self.time_at(now)
        return int(ahead / 1_000_000) if abs(ahead) > _TOLERANCE else None

    def to_persist(self, now):
        """The set as it is to be written down."""
        at = self.time_at(now)
        return replace(
            self.set, clock_ahead_ms=self.clock_ahead_ms_at(now), never_whole=True if self.blank else None,
            written_at=self.set.written_at if self.clock is None else format_instant(at),
            failsafes=tuple({"envelope": f.envelope, "enteredAt": format_instant(at - (now.monotonic - f.entered_at))} for f in self.failsafes.values()),
            losses=tuple({"stream": {"service": stream[0], "key": stream[1]}, "since": format_instant(at - (now.monotonic - since))} for stream, since in self.lost.items()))
