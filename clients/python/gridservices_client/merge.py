"""The algebra: from the envelopes that are followed to what holds when, and by whom. The least of each quantity, false before true; absent is no statement, 0 is nothing allowed."""
import decimal
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
    A merged value (an int or a float, or a bool), and the stream that states it. Among equal values the strongest tier binds, then the service, then the key that comes first.
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


def merge(envelopes, kind, target_id, at, most=None):
    """
    The segments of one metering boundary from `at` on; neighbours differ, and the last has no end. Moved envelopes bear `movedBy`, nanoseconds.
    `most`: no more than so many of them, each with its end; None: all.
    """
    newest = {}
    for envelope in envelopes:
        key = key_of(envelope)
        if key not in newest or envelope["revision"] > newest[key]["revision"]:
            newest[key] = envelope
    mandatory = [e for e in newest.values() if e["obligation"] == "mandatory" and (e["target"]["kind"], e["target"]["id"]) == (kind, target_id)]
    lanes = [(e, [(start if start is None else start + e.get("movedBy", 0), limits) for start, limits in steps(e)]) for e in sorted(mandatory, key=_rank)]
    turns = sorted({start for _, laid in lanes for start, _ in laid if start is not None and start > at} | {at})
    segments, reached = [], [0] * len(lanes)
    for turn in turns:
        limits = _bounds([(e, laid[_advance(reached, nth, laid, turn)][1]) for nth, (e, laid) in enumerate(lanes)])
        if not segments or segments[-1][1] != limits:
            segments.append((turn, limits))
            if most is not None and len(segments) > most:
                break
    return [Segment(start, segments[i + 1][0] if i + 1 < len(segments) else None, limits) for i, (start, limits) in enumerate(segments)][:most]


def _advance(reached, nth, laid, turn):
    # Turns ascend: no lane is gone through twice.
    while reached[nth] + 1 < len(laid) and laid[reached[nth] + 1][0] <= turn:
        reached[nth] += 1
    return reached[nth]


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
            runner_up = (*stream_of(others[0][1]), _plain(others[0][0])) if others else None
            bounds[quantity] = Bound(_plain(value), *stream_of(envelope), envelope["envelopeId"], envelope["tier"], runner_up)
    return bounds


def _plain(value):
    # A controller multiplies it by a float, which a Decimal refuses.
    if isinstance(value, decimal.Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value
