"""
One site's line to the hub: the subscription that never ends by itself, the questions beside it, and feedback. Knows nothing of fail-safe; `session.SiteSession` puts both together.
"""
import http.client
import json
import math
import random
import socket
import ssl
import threading
import time
import urllib.parse
from dataclasses import dataclass, field, replace

from .contract import NotReadable, parse
from .events import read_event, read_set
from .messages import ChangeStated, Cursor, HeartbeatHeard, LinkChanged, SetStated
from .sse import SseParser

_MAY_PASS = (401, 403, 408, 429)
_PROBLEM = "urn:gridservices:problem:"


class HubError(Exception):
    """
    The hub refused a request, or was not reached; the message says what and why. `may_pass`: the same request may succeed later, by the status alone.
    `is_of_another`: something between answered instead of the hub, such as a portal's page; it says nothing about the request.
    """

    def __init__(self, message, status=None, is_of_another=False):
        super().__init__(message)
        self.status, self.is_of_another = status, is_of_another
        self.may_pass = status is None or status in _MAY_PASS or status >= 500

    @property
    def is_passing(self):
        """True where the same request may succeed later: overload, restart, no answer of the hub, a token about to be changed."""
        return self.is_of_another or self.may_pass


@dataclass(frozen=True)
class HubOptions:
    """
    Where the hub is and how patiently it is asked; seconds. `token` is a text, or a function that gives one (it is asked for each request); white space around it, such as
    a file's line end, is cut off. ValueError for a wait or a bound that is not finite and above 0, and for no site.
    """

    hub: str
    token: object = field(repr=False)
    site_id: str
    idle_limit: float = 40
    request_timeout: float = 15
    first_retry: float = 0.5
    longest_retry: float = 30
    max_bytes: int = 16 * 1024 * 1024
    tls: ssl.SSLContext | None = None

    def __post_init__(self):
        if not self.site_id:
            raise ValueError("site_id is empty")
        for name in ("idle_limit", "request_timeout", "first_retry", "longest_retry", "max_bytes"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value) or value <= 0:
                raise ValueError(f"{name} is a finite number above 0, not {value!r}")


class HubLine:
    """Every method may be called by one thread at a time, `close` by any."""

    def __init__(self, options):
        self._options, self._url = options, urllib.parse.urlsplit(options.hub)
        if self._url.scheme not in ("http", "https") or not self._url.hostname:
            raise ValueError(f"'{options.hub}' is no address of a hub")
        self._site = f"{self._url.path.rstrip('/')}/v1/sites/{urllib.parse.quote(options.site_id, safe='')}"
        self._over = threading.Event()
        self._socket = None

    @property
    def authority(self):
        """Host of the hub, and its port where it is not the scheme's own: what tells one hub from another."""
        host = f"[{self._url.hostname}]" if ":" in self._url.hostname else self._url.hostname
        return host if self._url.port in (None, {"http": 80, "https": 443}[self._url.scheme]) else f"{host}:{self._url.port}"

    def close(self):
        """Ends all that is under way."""
        self._over.set()
        line = self._socket
        if line is not None:
            try:
                line.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # it is closed already

    def subscribe(self, resume_from, held=lambda: None):
        """
        Everything the hub says about the site, until closed: opens the stream, and when it ends, breaks or falls silent opens it again after a growing wait.
        `resume_from` is asked before every opening: the cursor to go on from, None for the whole set; `held` then for the cursor that is shown to the hub all the same.
        """
        failures, trusted = 0, True  # after something unreadable the cursor is not relied on
        while not self._over.is_set():
            end = "the hub ended the stream"
            try:
                for message in self._read_stream(resume_from() if trusted else None, held()):
                    failures = failures if isinstance(message, LinkChanged) else 0
                    trusted = trusted or isinstance(message, SetStated)
                    yield message
            except (TimeoutError, socket.timeout):
                end = "the hub fell silent"
            except (NotReadable, ValueError) as fault:
                end, trusted = str(fault), False
            except HubError as fault:
                end, trusted = str(fault), trusted and fault.may_pass and fault.status is not None
            except (OSError, http.client.HTTPException) as fault:
                end = str(fault) or type(fault).__name__
            if self._over.is_set():
                return
            failures += 1
            wait = min(self._options.first_retry * 2 ** min(failures - 1, 30), self._options.longest_retry) * (0.8 + 0.4 * random.random())
            yield LinkChanged(False, end, wait)
            self._over.wait(wait)

    def get_set(self):
        """All that is live, at a cursor. HubError, NotReadable or OSError where it can't be had."""
        return read_set(self._ask("GET", f"{self._site}/envelopes"))

    def show_cursor(self, cursor):
        """Shows the hub a cursor that it gave out: one that is ahead of its log tells it that its store was set back."""
        # A page that something between answers with shows that the hub has not seen it.
        parse(self._ask("GET", f"{self._site}/envelopes?since={urllib.parse.quote(str(cursor))}&wait=PT0S"), "site-envelopes.schema.json")

    def send_receipts(self, receipts):
        """Tells the hub what became of envelopes; one result per receipt. Idempotent."""
        return self._send(f"{self._site}/receipts", receipts)

    def send_readings(self, readings):
        """Tells the hub what was measured; one result per reading. Idempotent by site, asset and instant."""
        return self._send(f"{self._site}/telemetry", readings)

    def _send(self, path, items):
        try:
            results = json.loads(self._ask("POST", path, json.dumps(items).encode()))["results"]
            if isinstance(results, list) and len(results) == len(items) and all(isinstance(r, dict) for r in results):
                return results
        except (ValueError, KeyError, TypeError):
            pass
        raise HubError("an answer came, but not as the hub's, with one result per item: something between may have answered for it", is_of_another=True)

    def _read_stream(self, cursor, held):
        if cursor is None and held is not None:
            self._show(held)
        connection, response = self._open("GET", f"{self._site}/stream", {"Accept": "text/event-stream", **({"Last-Event-ID": str(cursor)} if cursor else {})}, None, self._options.idle_limit)
        try:
            if response.status != 200 or response.headers.get_content_type() != "text/event-stream":
                raise self._refusal(response) if response.status >= 300 else NotReadable(f"the hub answered {response.headers.get_content_type()} where a stream of events was asked for")
            yield LinkChanged(True)
            yield from self._messages(response, cursor)
        finally:
            self._socket = None
            response.close()
            connection.close()

    def _messages(self, response, last):
        parser, opening, heard = SseParser(self._options.max_bytes), True, time.monotonic()
        while True:
            left = self._options.idle_limit - (time.monotonic() - heard)
            if left <= 0:
                raise TimeoutError
            if self._socket is not None:
                self._socket.settimeout(left)
            chunk = response.read1(65_536)
            if not chunk:
                return
            for event in parser.feed(chunk):
                heard = time.monotonic()
                message = read_event(*event)
                if message is not None and _misses(message, last):
                    # Something between is missing: state the whole set first; what is older than it changes nothing any more.
                    stated = self.get_set()
                    last = stated.cursor
                    yield stated
                if isinstance(message, SetStated) and opening:
                    message = replace(message, asked=True)
                opening = opening and message is None
                if isinstance(message, SetStated) or (isinstance(message, ChangeStated) and (last is None or last.epoch != message.cursor.epoch or message.cursor.sequence > last.sequence)):
                    last = message.cursor
                if message is not None:
                    yield message

    def _show(self, cursor):
        try:
            self.show_cursor(cursor)
        except HubError as answered:
            if answered.is_passing:
                raise  # else it was seen, whatever the hub thinks of it

    def _ask(self, method, path, body=None):
        limit = self._options.request_timeout
        connection, response = self._open(method, path, {"Content-Type": "application/json"} if body is not None else {}, body, limit, keep=False)
        until = time.monotonic() + limit
        try:
            if not 200 <= response.status < 300:
                raise self._refusal(response)
            read = b""
            while chunk := response.read1(65_536):
                read += chunk
                if len(read) > self._options.max_bytes or time.monotonic() > until:
                    raise HubError(f"the hub's answer is longer than {self._options.max_bytes} bytes, or takes longer than {limit:g} s")
            if response.length:
                raise HubError("the hub's answer is cut off")
            return read
        except (TimeoutError, socket.timeout) as silence:
            raise HubError(f"the hub did not answer within {limit:g} s") from silence
        finally:
            response.close()
            connection.close()

    def _open(self, method, path, headers, body, timeout, keep=True):
        if self._over.is_set():
            raise HubError("the line is closed")
        token = self._token()
        make = http.client.HTTPSConnection if self._url.scheme == "https" else http.client.HTTPConnection
        connection = make(self._url.hostname, self._url.port, timeout=min(timeout, 15), **({"context": self._options.tls} if self._options.tls else {}))
        try:
            connection.connect()
            line = connection.sock
            line.settimeout(timeout)
            connection.request(method, path, body=body, headers={"Authorization": f"Bearer {token}", **headers})
            response = connection.getresponse()
        except BaseException:
            connection.close()
            raise
        if keep:
            self._socket = line
            if self._over.is_set():
                self.close()
        return connection, response

    def _token(self):
        # Told without the token, whatever is wrong with it: what is told ends in a log.
        try:
            token = self._options.token() if callable(self._options.token) else self._options.token
        except OSError as fault:
            raise HubError(f"no token can be had: {fault}") from fault
        except Exception as fault:
            raise HubError(f"no token can be had: {type(fault).__name__}") from fault
        token = token.strip() if isinstance(token, str) else ""
        if not token or not all("!" <= c <= "~" for c in token):
            raise HubError("the token can't be sent as a header: it is empty, or has characters that are not visible ASCII")
        return token

    @staticmethod
    def _refusal(response):
        words = ", and not as the hub does: something between may have answered for it"
        problem = None
        try:
            problem = json.loads(response.read(65_536))
        except (ValueError, OSError, http.client.HTTPException):
            pass  # not a problem document: a proxy's page, or nothing
        is_ours = isinstance(problem, dict) and str(problem.get("type")).startswith(_PROBLEM)
        if is_ours:
            words = f": {problem.get('detail') or problem.get('title')}"
        return HubError(f"the hub answered {response.status}{words}", response.status, not is_ours)


def _misses(message, last):
    # A change that does not follow the last one, or a heartbeat that knows of more than was seen.
    if isinstance(message, ChangeStated):
        return last is None or last.epoch != message.cursor.epoch or message.cursor.sequence > last.sequence + 1
    if isinstance(message, HeartbeatHeard) and last is not None:
        told = Cursor.parse(f"{message.data['epoch']}.{message.data['sequence']}")
        return told is not None and (told.epoch != last.epoch or told.sequence > last.sequence)
    return False
