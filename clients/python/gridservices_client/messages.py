"""What comes from the hub about one site, read and found whole."""
import re
from dataclasses import dataclass

_CURSOR = re.compile(r"([A-Za-z0-9_-]{1,64})\.(0|[1-9][0-9]{0,18})", re.ASCII)
_HIGHEST = 2**63 - 1


@dataclass(frozen=True)
class Cursor:
    """A place in the hub's log. The epoch changes when the hub's store is replaced."""

    epoch: str
    sequence: int

    @staticmethod
    def parse(text):
        """None where the text is no cursor."""
        match = _CURSOR.fullmatch(text or "")
        return Cursor(match.group(1), int(match.group(2))) if match and int(match.group(2)) <= _HIGHEST else None

    def __str__(self):
        return f"{self.epoch}.{self.sequence}"


@dataclass(frozen=True)
class SetStated:
    """All that is live at a cursor. `asked`: it answers a question or opens the stream, and can't be an old one, late on its way."""

    cursor: Cursor
    data: dict
    asked: bool = False


@dataclass(frozen=True)
class ChangeStated:
    """One change. `kind` is envelope, withdrawal or prices."""

    cursor: Cursor
    kind: str
    data: dict

    @property
    def site_id(self):
        return self.data["siteId"]


@dataclass(frozen=True)
class EffectiveStated:
    """The hub's own merge; a controller goes by what it merges itself."""

    data: dict


@dataclass(frozen=True)
class HeartbeatHeard:
    """The hub lives, and how well each publisher hears its utility."""

    data: dict


@dataclass(frozen=True)
class LinkChanged:
    """The line came up or went down. Going down is no silence yet: only time makes a stream stale."""

    up: bool
    detail: str | None = None
    retry_in: float | None = None
