"""
Says what a site may do when the hub speaks, and when it no longer does. Pure: no clock, no file, no network. It keeps the rules of the .NET SDK, and is held to the same scripts:

           whole set stated                 silence >= staleAfter, onStale = failsafe
  init ------------------------> live ------------------------------------------> stream in fail-safe
                                 |  ^      silence >= staleAfter, holdSchedule              |
                                 v  |      (schedule as last stated)                        | minDuration over
                               holding                                                      | AND heartbeat
                                    ^-------------------------------------------------------+ AND THEN envelope or set
Silence is that of the hub, or that of the utility behind the stream where heartbeats show it lost.
"""
from dataclasses import replace

from .held import HeldSet, all_of, alone, followed as retained_followed, keeps, key_of, renamed, stream_of
from .holding import Holding, StreamFailsafe
from .limits import SiteLimits, Standing
from .messages import ChangeStated, EffectiveStated, HeartbeatHeard, SetStated
from .statements import take_change, take_effective, take_heartbeat, take_set
from .times import SECOND, parse_duration, parse_instant

_LONGEST_ASKING = 5 * SECOND
_NOBODY = "00000000-0000-0000-0000-000000000000"


def start(site_id, persisted, options, now):
    """The state after a start of the controller; `persisted` is what was held before, None at the very first start."""
    held = persisted if persisted is not None and _is_of(site_id, persisted) else None
    state = Holding(
        options=options, set=held or HeldSet(site_id), blank=held is None or held.never_whole is True,
        written_origin=None if held is None or held.written_at is None else parse_instant(held.written_at) - now.monotonic)
    # Of the two times that it may be the one that makes the stay shorter: the hub's, once it is heard, sets it right.
    earliest = min(now.wall, state.time_at(now))
    failsafes, lost = {}, {}
    for entry in held.failsafes if held else ():
        entered = parse_instant(entry["enteredAt"])
        failsafes.setdefault(key_of(entry["envelope"]), StreamFailsafe(entry["envelope"], now.monotonic - max(0, earliest - entered), persisted=entered))
    for entry in held.losses if held else ():
        lost.setdefault(stream_of(entry), now.monotonic - max(0, earliest - parse_instant(entry["since"])))
    return replace(state, failsafes=failsafes, lost=lost)


def apply(state, message, now):
    """The state after a word from the hub. A word about another site, or one from before what is held, is no word at all."""
    # Silence that ended just now still counts: first what became stale, then what was said.
    before = tick(state, now)
    if isinstance(message, SetStated):
        before = take_set(before, message, now)
    elif isinstance(message, ChangeStated):
        before = take_change(before, message, now)
    elif isinstance(message, HeartbeatHeard):
        before = take_heartbeat(before, message.data, now)
    elif isinstance(message, EffectiveStated):
        before = take_effective(before, message.data)
    return tick(before, now)


def tick(state, now):
    """The state after time passed: enters fail-safes that are due, leaves those that may be left."""
    if not state.contacted:
        return state
    failsafes = dict(state.failsafes)
    for envelope in [*state.set.envelopes, *alone(state.set)]:
        if key_of(envelope) not in failsafes and _goes_to_failsafe(state, envelope) and _is_stale(state, envelope, now):
            failsafes[key_of(envelope)] = StreamFailsafe(envelope, now.monotonic)
    for key, failsafe in state.failsafes.items():
        if _is_stale(state, failsafe.envelope, now):
            failsafes[key] = replace(failsafe, heartbeat_seen=False, statement_seen=False)  # what was heard before this silence releases nothing
        elif _may_leave(state, failsafe, now):
            del failsafes[key]
    return replace(state, failsafes=failsafes)


def limits_at(state, now):
    """The limits in force, merged from what is held: a controller needs no hub to go on."""
    standings = _standings(state, now)
    phase = _phase(state, standings)
    at = state.time_at(now)
    return SiteLimits(
        site_id=state.set.site_id, at=at, clock_ahead=now.wall - at, phase=phase, is_known=phase == "controlled" and _is_confirmed(state, now),
        since_heard=None if state.heard_at is None else now.monotonic - state.heard_at, streams=tuple(standings), waiting_for=state.waiting_for,
        followed=tuple(_at_all_times(state, now, at)))


def _at_all_times(state, now, at):
    # While the time is in doubt each schedule stands there once more, moved so that it says now what it says at the other time: the tighter of both holds.
    here = list(_followed(state))
    schedules = [e for e in here if e["obligation"] == "mandatory" and e["segments"]]
    return here + [{**renamed(e, f"~clock{nth}"), "movedBy": at - time} for nth, time in enumerate(state.doubted_times_at(now), 1) for e in schedules]


def _followed(state):
    # The envelopes that are followed now: those of live and holding streams, fail-safe limits of the others.
    for envelope in [*state.set.envelopes, *retained_followed(state.set)]:
        failsafe = state.failsafes.get(key_of(envelope))
        if failsafe.restated if failsafe else state.contacted or not _goes_to_failsafe(state, envelope):
            yield envelope
            continue
        # Limits that the stream states itself take its schedule's place; those of the controller only tighten it.
        if (envelope.get("failsafe") or {}).get("limits") is None:
            yield envelope
        if failsafe is None:
            yield _to_failsafe(envelope, _rule(state, envelope))
    for failsafe in state.failsafes.values():
        yield _to_failsafe(failsafe.envelope, _rule(state, failsafe.envelope))
    if state.options.init_limits is not None and (state.blank or _is_unknown_and_empty(state)):
        yield _init_envelope(state.set.site_id, state.options.init_limits)


def _is_stale(state, envelope, now):
    stale_after = parse_duration(_rule(state, envelope)["staleAfter"])
    lost = state.lost.get(stream_of(envelope))
    return (state.heard_at is not None and now.monotonic - state.heard_at >= stale_after) or (lost is not None and now.monotonic - lost >= stale_after)


def _may_leave(state, failsafe, now):
    # The shortest stay, and a heartbeat, and after it a statement; none of the three alone.
    stay = _rule(state, failsafe.envelope).get("minDuration")
    return failsafe.heartbeat_seen and failsafe.statement_seen and now.monotonic - failsafe.entered_at >= (parse_duration(stay) if stay else 0)


def _goes_to_failsafe(state, envelope):
    # Fail-safe without limits would lift the stream's own: then the schedule is held instead.
    rule = _rule(state, envelope)
    return envelope["obligation"] == "mandatory" and rule["onStale"] == "failsafe" and rule.get("limits") is not None


def _rule(state, envelope):
    stated = envelope.get("failsafe")
    if stated is None:
        return state.options.default
    return stated if stated.get("limits") is not None else {**stated, "limits": state.options.default.get("limits")}


def _is_unknown_and_empty(state):
    # A site that the hub has never heard of, and of which nothing is held: an empty set that was whole once says nothing of it.
    return state.site_unknown and not state.set.envelopes and not state.set.retained


def _is_confirmed(state, now):
    # By a heartbeat that named the very place held, not long ago; and nothing is known to have been missed for longer than asking for it takes.
    return (
        state.clock is not None and state.set.rewound_from is None and state.confirmed_at is not None
        and now.monotonic - state.confirmed_at < parse_duration(state.options.default["staleAfter"])
        and not (state.missed_since is not None and now.monotonic - state.missed_since >= _LONGEST_ASKING))


def _to_failsafe(envelope, rule):
    # A stream of its own name, so that the merge neither drops it for the live revision nor hides who binds.
    return {**renamed(envelope, "~failsafe"), "segments": [], "targets": [], "default": {"limits": rule.get("limits") or {}}, "failsafe": None}


def _init_envelope(site_id, limits):
    return {
        "envelopeId": _NOBODY, "revision": 1, "siteId": site_id, "target": {"kind": "site", "id": site_id}, "stream": {"service": "controller", "key": "init"},
        "tier": "safety", "obligation": "mandatory", "segments": [], "default": {"limits": limits}}


def _standings(state, now):
    standings = [Standing(*stream_of(f.envelope), "failsafe") for f in state.failsafes.values()]
    standings += [Standing(*stream_of(e), _standing(state, e, now)) for e in [*state.set.envelopes, *alone(state.set)] if key_of(e) not in state.failsafes]
    # Streams that have no envelope just now: what their lost utilities may have begun meanwhile nobody knows.
    heard_of = {stream_of(e) for e in all_of(state.set)} | {stream_of(f.envelope) for f in state.failsafes.values()}
    stale_after = parse_duration(state.options.default["staleAfter"])
    standings += [Standing(*stream, "holding") for stream, since in state.lost.items() if now.monotonic - since >= stale_after and stream not in heard_of]
    return sorted(standings, key=str)


def _standing(state, envelope, now):
    if not state.contacted:
        return "failsafe" if _goes_to_failsafe(state, envelope) else "holding"
    return "holding" if keeps(state.set, key_of(envelope)) or _is_stale(state, envelope, now) else "live"


def _phase(state, standings):
    phases = {s.phase for s in standings}
    if not state.contacted or (state.blank and not standings) or _is_unknown_and_empty(state):
        return "init"
    return "failsafe" if "failsafe" in phases else "holding" if "holding" in phases else "controlled"


def _is_of(site_id, held):
    return held.site_id == site_id and all(e["siteId"] == site_id for e in [*held.envelopes, *(f["envelope"] for f in held.failsafes)])
