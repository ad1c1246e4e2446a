"""Server-Sent Events, as the HTML standard has them parsed (section 9.2.6)."""
import codecs


class SseParser:
    """Takes bytes as they come, and gives the events that they complete as (name, id, data). An event of more than `most_bytes` is an error."""

    def __init__(self, most_bytes=16 * 1024 * 1024):
        self._most, self._decode = most_bytes, codecs.getincrementaldecoder("utf-8-sig")()
        self._rest, self._name, self._data, self._size = "", "", [], 0
        self.last_id = None

    def feed(self, chunk):
        """ValueError (UnicodeDecodeError among them) for what is no text, or too long."""
        self._rest += self._decode.decode(chunk)
        events = []
        while (cut := self._cut()) is not None:
            line, self._rest = self._rest[: cut[0]], self._rest[cut[1] :]
            if line:
                self._take(line)
            else:
                if self._data:
                    events.append((self._name or "message", self.last_id, "\n".join(self._data)))
                self._name, self._data, self._size = "", [], 0
        if self._size + len(self._rest) > self._most:
            raise ValueError(f"an event of more than {self._most} bytes")
        return events

    def _cut(self):
        ends = [at for at in (self._rest.find("\n"), self._rest.find("\r")) if at >= 0]
        if not ends:
            return None
        at = min(ends)
        if self._rest[at] == "\r":
            # A carriage return that came last may have its line feed yet to come.
            return None if at + 1 == len(self._rest) else (at, at + (2 if self._rest[at + 1] == "\n" else 1))
        return at, at + 1

    def _take(self, line):
        name, _, value = line.partition(":")
        value = value[1:] if value.startswith(" ") else value
        self._size += len(line)
        if name == "event":
            self._name = value
        elif name == "data":
            self._data.append(value)
        elif name == "id" and "\0" not in value:
            self.last_id = value
