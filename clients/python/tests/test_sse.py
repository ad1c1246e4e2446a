"""Server-Sent Events as bytes cut them anywhere."""
import unittest

from gridservices_client.sse import SseParser

TEXT = "\ufeff: a comment\r\nid: E.1\r\nevent: snapshot\r\ndata: {\r\ndata:}\r\n\r\ndata: ä\n\nevent: empty\n\nid: a\0b\rdata:  two\r\revent:heartbeat\ndata\n\n".encode()
EVENTS = [("snapshot", "E.1", "{\n}"), ("message", "E.1", "ä"), ("message", "E.1", " two"), ("heartbeat", "E.1", "")]


class SseTest(unittest.TestCase):
    def test_the_same_events_wherever_bytes_are_cut(self):
        for size in (1, 2, 3, 7, len(TEXT)):
            parser = SseParser()
            events = [event for at in range(0, len(TEXT), size) for event in parser.feed(TEXT[at : at + size])]
            self.assertEqual(EVENTS, events)

    def test_an_event_that_is_cut_off_is_none(self):
        self.assertEqual([], SseParser().feed(b"event: envelope\ndata: {}\n"))

    def test_an_event_without_end_and_bytes_that_are_no_text_are_errors(self):
        with self.assertRaises(ValueError):
            SseParser(most_bytes=100).feed(b"data: " + b"x" * 100)
        with self.assertRaises(ValueError):
            SseParser(most_bytes=100).feed(b"data: xxxxxxxxx\n" * 10)
        with self.assertRaises(ValueError):
            SseParser().feed(b"data: \xff\n\n")


if __name__ == "__main__":
    unittest.main()
