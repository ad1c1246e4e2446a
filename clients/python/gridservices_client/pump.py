"""Hands limits to the controller's own handler, one call at a time, again until it returns: a set-point may not have been written."""
import threading
import time

_PATIENCE = 30


class LimitsPump:
    """
    `read` gives what holds now, at any time and from any thread; `handler` is called with it, on the thread of `run`. Neither the disk nor who listens to notices is waited for.
    After a fault the same limits are tried again after a growing pause, others at once. Times are seconds.
    """

    def __init__(self, read, handler, tell, tick, longest_pause, first_pause=1):
        self._read, self._handler, self._tell, self._tick = read, handler, tell, tick
        self._first_pause, self._longest_pause = first_pause, longest_pause
        self._over, self._rung = threading.Event(), threading.Event()
        self._told, self._since = None, None

    def ring(self):
        """Something may have changed."""
        self._rung.set()

    def stop(self):
        """Ends `run`, after the call that is under way."""
        self._over.set()
        self._rung.set()

    def run(self):
        """Until `stop`."""
        failures = 0
        while not self._over.is_set():
            limits = None
            try:
                self._rung.clear()
                limits = self._read()
                if not limits.says_same_as(self._told):
                    self._told = None  # until the handler returns nobody knows which of the two is written
                    self._call(limits)
                    self._told, failures = limits, 0
                self._rung.wait(self._tick)
            except Exception as fault:
                failures += 1
                self._tell(f"a handler of limits failed and is called again: {type(fault).__name__}: {fault}")
                self._pause(limits, min(self._first_pause * 2 ** min(failures - 1, 5), self._longest_pause))

    def tell_if_stuck(self, patience=_PATIENCE):
        """Says once of a call that it has not returned for so long; newer limits wait for it."""
        since = self._since
        if since is not None and time.monotonic() - since >= patience:
            self._since = None
            self._tell(f"a handler of limits has not returned for {patience:g} s; nothing newer is told until it does")

    def _call(self, limits):
        self._since = time.monotonic()
        try:
            self._handler(limits)
        finally:
            self._since = None

    def _pause(self, failed, seconds):
        # Other limits than those that failed do not wait: they may be the tighter ones.
        until = time.monotonic() + seconds
        while not self._over.is_set() and (left := until - time.monotonic()) > 0:
            self._rung.wait(min(left, self._tick))
            self._rung.clear()
            try:
                if failed is not None and not self._read().says_same_as(failed):
                    return
            except Exception:  # told by the next attempt
                failed = None
