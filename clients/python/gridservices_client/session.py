"""Follows a site: the line to the hub, what is allowed now, and what to do when the line goes dead."""
import http.client
import math
import threading
import time
from dataclasses import dataclass, field

from . import machine
from .contract import NotReadable
from .held import all_of, key_of
from .holding import Moment, Options, checked
from .hub import HubError, HubLine, HubOptions
from .messages import LinkChanged
from .notices import Notices
from .pump import LimitsPump
from .state_file import read_state, write_state

_FAULTS = (HubError, NotReadable, ValueError, OSError, http.client.HTTPException)
_WRITE_RETRY = 10_000_000_000


@dataclass(frozen=True)
class SessionOptions:
    """`state_file` keeps the last-known set over restarts; None: nothing is kept. `tick`: a limit's start is obeyed within so many seconds."""

    hub: HubOptions
    failsafe: Options = field(default_factory=Options)
    state_file: str | None = None
    tick: float = 0.25

    def __post_init__(self):
        if not 0 < self.tick < math.inf:
            raise ValueError(f"tick is a finite number above 0, not {self.tick!r}")


class SiteSession:
    """
    `limits` may be read at any time, by any thread, also when nothing was heard for long: it falls safe by itself, whether or not the session runs.
    `on_limits(limits)` is called with what holds at the start and whenever it changes, until it returns without an exception; `on_notice(text)` with what a person may want to know.
    Each has a thread of its own. ValueError for settings that no limits can be read of.
    """

    def __init__(self, options, on_limits=lambda limits: None, on_notice=lambda text: None, now=None):
        self._options, self._now = options, now or read_clocks
        self._failsafe = checked(options.failsafe)
        self._line = HubLine(options.hub)
        self._gate, self._writing, self._over = threading.RLock(), threading.Lock(), threading.Event()
        self._distrusted, self._shown = False, None
        self._next_write, self._written = None, None
        self._notices = Notices(on_notice)
        self._notice = self._notices.tell
        self._pump = LimitsPump(lambda: self.limits, on_limits, self._notice, options.tick, options.hub.longest_retry)
        persisted = options.state_file and read_state(options.state_file, options.hub.site_id, self._line.authority, self._failsafe.init_limits is None, self._notice)
        self._holding = machine.start(options.hub.site_id, persisted or None, self._failsafe, self._now())

    @property
    def limits(self):
        """The limits in force at this moment."""
        now = self._now()
        return machine.limits_at(machine.tick(self._holding, now), now)

    def run(self):
        """Until `stop`. Whatever fails on the way is told and begun again."""
        threads = [threading.Thread(target=part, name=name, daemon=True) for part, name in ((self._pump.run, "gridservices-limits"), (self._watch, "gridservices-time"))]
        for thread in threads:
            thread.start()
        try:
            while not self._over.is_set():
                try:
                    self._listen()
                except Exception as fault:  # a fault of ours must not end the obeying
                    self._notice(f"following the hub failed and begins again: {type(fault).__name__}: {fault}")
                    self._over.wait(1)
        finally:
            self.stop()
            for thread in threads:
                thread.join(5)
            self._notices.close()

    def stop(self):
        """Ends `run`, from any thread."""
        self._over.set()
        self._pump.stop()
        self._line.close()

    def _listen(self):
        for message in self._line.subscribe(self._resume_from, lambda: self._holding.cursor):
            self._take(message)
            if isinstance(message, LinkChanged):
                self._shown = None  # what is shown to a hub that then starts anew is shown once more
                if not message.up:
                    self._notice(f"line to the hub is down ({message.detail}); next attempt in {message.retry_in:.1f} s")
            else:
                self._fetch_set_if_needed()
                self._show_lost_cursor()

    def _resume_from(self):
        # Before the first contact, and where a statement is owed, the hub is to state the whole set first.
        with self._gate:
            held = self._holding
            return held.cursor if held.contacted and not held.needs_set and not held.failsafes and not self._distrusted else None

    def _fetch_set_if_needed(self):
        if self._holding.needs_set:
            try:
                self._take(self._line.get_set())
            except _FAULTS as fault:
                self._notice(f"the whole set is wanted and can't be had: {fault}")  # asked again after the next message

    def _show_lost_cursor(self):
        lost = self._holding.set.rewound_from
        if lost is None or lost == self._shown:
            return
        try:
            self._line.show_cursor(lost)
            self._shown = lost
        except _FAULTS as refused:
            self._shown = lost if isinstance(refused, HubError) and not refused.is_passing else None
            self._notice(f"the hub was shown the lost cursor {lost}: {refused}")

    def _take(self, message):
        self._distrusted = True  # until it is taken in: what could not be is not to be had by resuming behind it
        self._step(lambda state, now: machine.apply(state, message, now))
        self._distrusted = False
        self._pump.ring()
        self._persist()

    def _step(self, change):
        with self._gate:
            before = self._holding
            self._holding = change(before, self._now())
            self._tell_history(before, self._holding)

    def _watch(self):
        # The pump reads by itself what time has changed: it waits neither for this nor for the disk.
        while not self._over.wait(self._options.tick):
            try:
                self._pump.tell_if_stuck()
                self._step(machine.tick)
                self._persist()
            except Exception as fault:  # a fault of ours must not end the watching
                self._notice(f"watching the time failed and begins again: {type(fault).__name__}: {fault}")
                self._over.wait(1)

    def _tell_history(self, before, after):
        # Nothing that was in force ends without a word.
        if before.set is after.set:
            return
        if after.site_unknown and not before.site_unknown:
            self._notice(f"the hub has never had anything for a site '{after.set.site_id}'; check the name")
        if after.set.rewound_from is not None and before.set.rewound_from is None:
            self._notice(f"the hub's store was set back: it is at {after.set.cursor}, {after.set.rewound_from} was held")
        elif before.cursor and after.cursor and before.cursor.epoch != after.cursor.epoch:
            self._notice(f"the hub began another history ({after.cursor.epoch} after {before.cursor.epoch})")
        there = {key_of(e) for e in [*all_of(after.set), *after.set.withdrawn]}
        if gone := sorted({"/".join(key_of(e)[2:]) for e in all_of(before.set) if key_of(e) not in there}):
            self._notice(f"no longer stated, though never withdrawn; the limits end: {', '.join(gone)}")

    def _persist(self):
        # A full disk must not stop the controller from obeying, and a slow one must not keep it waiting: outside the gate.
        with self._writing:
            state, now = self._holding, self._now()
            if not self._options.state_file or not state.contacted or (self._next_write is not None and now.monotonic < self._next_write):
                return
            try:
                says, ahead = (state.set, state.blank, set(state.failsafes), set(state.lost)), state.clock_ahead_ms_at(now) or 0
                if self._written is not None and self._written[0][0] is says[0] and self._written[0][1:] == says[1:] and abs(ahead - self._written[1]) <= 1_000:
                    return
                held = state.to_persist(now)
                write_state(self._options.state_file, type(held)(**{**held.__dict__, "hub": self._line.authority}))
                self._written, self._next_write = (says, ahead), None
            except Exception as fault:
                self._next_write = now.monotonic + _WRITE_RETRY
                self._notice(f"the last-known set can't be written to {self._options.state_file}: {type(fault).__name__}: {fault}")


def read_clocks():
    """Both clocks of this machine. The monotonic one counts the time that the machine slept, where the system has such a clock."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return Moment(time.time_ns(), time.monotonic_ns() if clock is None else time.clock_gettime_ns(clock))
