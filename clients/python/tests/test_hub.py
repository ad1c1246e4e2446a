"""The line to the hub: what is sent, what is told of it, and who it is that answers."""
import http.server
import threading
import unittest

from gridservices_client import HubLine, HubOptions
from gridservices_client.messages import Cursor


class Hub(http.server.BaseHTTPRequestHandler):
    """Answers everything alike, and keeps what it was asked."""

    def do_GET(self):
        self.server.asked.append((self.path, self.headers["Authorization"]))
        status, kind, body = self.server.answer
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class HubTest(unittest.TestCase):
    def setUp(self):
        self.hub = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub)
        self.hub.asked, self.hub.answer = [], (404, "text/html", b"<html>no such page</html>")
        threading.Thread(target=self.hub.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        self.addCleanup(self.hub.server_close)
        self.addCleanup(self.hub.shutdown)

    def line(self, token="t", scheme="http"):
        return HubLine(HubOptions(f"{scheme}://127.0.0.1:{self.hub.server_port}", token, "site-1"))

    def down(self, line, held=None):
        return next(m for m in line.subscribe(lambda: None, lambda: held) if not m.up)

    def test_a_token_of_a_file_goes_without_its_line_end(self):
        self.down(self.line(lambda: "secret\r\n"))
        self.assertEqual("Bearer secret", self.hub.asked[0][1])

    def test_no_token_is_ever_told(self):
        def fails():
            raise RuntimeError("secret")

        for token in ("sec\nsecret", "secret\x00", "secret secret", "sécret-secret", fails, None, "", lambda: b"secret"):
            down = self.down(self.line(token))
            self.assertNotIn("secret", down.detail)
            self.assertIn("token", down.detail)
        self.assertEqual([], self.hub.asked)

    def test_a_page_of_something_between_is_no_word_of_the_hub_s(self):
        # The cursor was not seen: the hub must not be asked for the whole set as though it had been.
        held = Cursor.parse("E.7")
        for answer in ((404, "text/html", b"<html>"), (410, "application/json", b'{"title": "Gone"}'), (200, "text/html", b"<html>")):
            self.hub.answer = answer
            self.down(self.line(), held)
        self.assertTrue(all("since=E.7" in path for path, _ in self.hub.asked), self.hub.asked)
        self.assertEqual(3, len(self.hub.asked))
        self.hub.answer = (410, "application/problem+json", b'{"type": "urn:gridservices:problem:CURSOR_GONE", "title": "Gone", "status": 410}')
        self.assertIn("410: Gone", self.down(self.line(), held).detail)
        self.assertTrue(self.hub.asked[-1][0].endswith("/stream"))

    def test_a_hub_is_the_same_however_its_address_is_written(self):
        for address, authority in (
                ("https://hub.example:443", "hub.example"), ("http://Hub.example:80/path", "hub.example"), ("https://user:pw@hub.example:8443", "hub.example:8443"), ("http://[::1]:5000", "[::1]:5000"),
                ("https://hub.example:80", "hub.example:80")):
            self.assertEqual(authority, HubLine(HubOptions(address, "t", "s")).authority)


if __name__ == "__main__":
    unittest.main()
