"""The algebra: from the envelopes that are followed to what holds when, and by whom. The least of each quantity, false before true; absent is no statement, 0 is nothing allowed."""
from dataclasses import dataclass
from typing import Any

from .held import key_of, stream_of
from .times import parse_instant

TIERS = ("safety", "regulatory", "contractual", "market", "economic")
WATTS = ("importLimitW", "exportLimitW", "chargeLimitW", "dischargeLimitW", "generationLimitW", "loadLimitW")
AMPERES = tuple(f"{phase}.{quantity}" for phase in ("L1", "L2", "L3") for quantity in ("importLimitA", "exportLimitA"))
QUANTITIES = WATTS + AMPERES + ("connect", "energize")


@dataclass(frozen=True)
class Bound:
    """
    A merged value, and the stream that states it. Among equal values the strongest tier binds, then the service, then the key that comes first.
    `next` is (service, key, value) of who would bind without it.
    """

    value: Any
    service: str
    key: str
    envelope_id: str
    tier: str
    next: tuple | None = None


@dataclass(frozen=True)
class Segment:
    """What holds from `start` on, until `until` (None: without end): for each stated quantity a `Bound`. Nanoseconds."""

    start: int
    until: int | None
    limits: dict


def steps(envelope):
    """One envelope laid out over time: (from, limits) ascending without a gap, the first with None for the beginning of time; the default wherever no segment covers."""
    between = (envelope.get("default") or {}).get("limits") or {}
    laid, end = [], None
    for segment in envelope["segments"]:
        start = parse_instant(segment["from"])
        if end is None or start > end:
            laid.append((end, between))
        laid.append((start, segment["limits"]))
        if segment.get("until") is None:
            return laid
        end = parse_instant(segment["until"])
    return laid + [(end, between)]


def merge(envelopes, kind, target_id, at):
    """The segments of one metering boundary from `at` on; neighbours differ, and the last has no end. Moved envelopes bear `movedBy`, nanoseconds."""
    newest = {}
    for envelope in envelopes:
        key = key_of(envelope)
        if key not in newest or envelope["revision"] > newest[key]["revision"]:
            newest[key] = envelope
    mandatory = [e for e in newest.values() if e["obligation"] == "mandatory" and (e["target"]["kind"], e["target"]["id"]) == (kind, target_id)]
    lanes = [(e, [(start if start is None else start + e.get("movedBy", 0), limits) for start, limits in steps(e)]) for e in sorted(mandatory, key=_rank)]
    turns = sorted({start for _, laid in lanes for start, _ in laid if start is not None and start > at} | {at})
    segments = []
    for turn in turns:
        limits = _bounds([(e, [said for start, said in laid if start is None or start <= turn][-1]) for e, laid in lanes])
        if not segments or segments[-1][1] != limits:
            segments.append((turn, limits))
    return [Segment(start, segments[i + 1][0] if i + 1 < len(segments) else None, limits) for i, (start, limits) in enumerate(segments)]


def find(limits, quantity):
    """What limits as the hub writes them say of a quantity; None: nothing."""
    phase, _, rest = quantity.partition(".")
    return ((limits.get("perPhase") or {}).get(phase) or {}).get(rest) if rest else limits.get(quantity)


def _rank(envelope):
    return TIERS.index(envelope["tier"]), envelope["stream"]["service"], envelope["stream"]["key"]


def _bounds(said):
    bounds = {}
    for quantity in QUANTITIES:
        # Sorting is stable: among equal values the order of rank stays.
        stating = sorted(((value, envelope) for envelope, limits in said if (value := find(limits, quantity)) is not None), key=lambda pair: pair[0])
        if stating:
            (value, envelope), others = stating[0], stating[1:]
            runner_up = (*stream_of(others[0][1]), others[0][0]) if others else None
            bounds[quantity] = Bound(value, *stream_of(envelope), envelope["envelopeId"], envelope["tier"], runner_up)
    return bounds
