"""What a person may want to know, told on a thread of its own: who listens to it, and stands still, keeps nobody from obeying."""
import queue
import threading

_MOST_WAITING = 1_000


class Notices:
    """`tell` never waits and never fails. What finds a thousand still untold is dropped."""

    def __init__(self, listener):
        self._listener, self._waiting = listener, queue.Queue(_MOST_WAITING)
        self._gate, self._thread = threading.Lock(), None

    def tell(self, text):
        """Hands a notice over; it is told in its turn."""
        try:
            self._waiting.put_nowait(text)
        except queue.Full:
            return
        with self._gate:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="gridservices-notices", daemon=True)
                self._thread.start()

    def close(self, patience=1):
        """Returns when all that was handed over is told, at the latest after so many seconds."""
        told = threading.Event()
        try:
            self._waiting.put_nowait(told)
        except queue.Full:
            return
        if self._thread is not None:
            told.wait(patience)

    def _run(self):
        while True:
            text = self._waiting.get()
            if isinstance(text, threading.Event):
                text.set()
                continue
            try:
                self._listener(text)
            except Exception:  # a fault of the listener's is its own
                pass
