"""What each kind of message changes of what is held."""
from dataclasses import replace

from .clock import HubClock
from .held import HeldSet, all_of, key_of, not_restated, restate, stream_of
from .messages import Cursor
from .times import parse_instant


def take_set(state, message, now):
    """The whole set: what is not listed is not live, unless the hub's history is incomplete or was set back."""
    stated, held = message.data, state.cursor
    same_epoch = held is not None and held.epoch == message.cursor.epoch
    rewound = same_epoch and message.cursor.sequence < held.sequence
    if stated["siteId"] != state.set.site_id or any(e["siteId"] != state.set.site_id for e in stated["envelopes"]) or (rewound and not message.asked):
        return state  # of another site, or of before what is held and late on its way

    # A hub that is asked and knows less than it once said was set back without knowing it: its word alone ends nothing.
    rewound_from = state.set.cursor if rewound else state.set.rewound_from if same_epoch else None
    incomplete, unknown = stated.get("incomplete") is True, stated.get("siteKnown") is False
    held_set = HeldSet(
        site_id=state.set.site_id, cursor=str(message.cursor), envelopes=tuple(stated["envelopes"]), withdrawn=tuple(stated.get("withdrawn") or ()), prices=tuple(stated["prices"]),
        retained=not_restated(state.set, stated) if incomplete or unknown or rewound_from is not None else (),
        rewound_from=rewound_from, clock_ahead_ms=state.set.clock_ahead_ms, written_at=state.set.written_at, hub=state.set.hub)
    return replace(
        state, set=held_set, waiting_for=_waiting_for(stated), contacted=True, blank=state.blank and (incomplete or unknown), site_unknown=unknown, missed=False, missed_since=None,
        confirmed_at=state.confirmed_at if same_epoch else None, heard_at=now.monotonic,
        failsafes={key: replace(f, restated=True, statement_seen=f.heartbeat_seen) for key, f in state.failsafes.items()})


def take_change(state, message, now):
    """One change. Before the set is known it alone says too little; one already held says nothing."""
    held = state.cursor
    if not state.contacted or message.site_id != state.set.site_id or (held and held.epoch == message.cursor.epoch and message.cursor.sequence <= held.sequence):
        return state
    if held is None or held.epoch != message.cursor.epoch:
        return _miss(state, now)  # of another history: what that holds, the whole set must say first
    failsafes = dict(state.failsafes)
    if message.kind != "prices" and (key := key_of(message.data)) in failsafes:
        failsafes[key] = replace(failsafes[key], restated=True, statement_seen=failsafes[key].heartbeat_seen)
    has_gap = message.cursor.sequence > held.sequence + 1
    return replace(
        _miss(state, now) if has_gap else state, set=replace(restate(state.set, message).after(message), cursor=str(message.cursor)),
        blank=state.blank and not (state.site_unknown and state.waiting_for is None), site_unknown=False, heard_at=now.monotonic, failsafes=failsafes)


def take_heartbeat(state, beat, now):
    """The hub lives. Of another history, or delayed, it says nothing about what is held."""
    told = Cursor.parse(f"{beat['epoch']}.{beat['sequence']}")
    if beat["siteId"] != state.set.site_id or told is None:
        return state
    timed = _timed(state, parse_instant(beat["at"]), now)
    held = state.cursor
    if held and (held.epoch != told.epoch or told.sequence < held.sequence):
        return _miss(timed, now)
    lost = _lost(state, beat, now)
    failsafes = {
        key: replace(f, heartbeat_seen=stream_of(f.envelope) not in lost, statement_seen=f.statement_seen and stream_of(f.envelope) not in lost) for key, f in timed.failsafes.items()}
    caught_up = state.contacted and told == held
    heard = replace(
        timed if caught_up else _miss(timed, now), lost=lost, failsafes=failsafes,
        heard_at=now.monotonic if caught_up or not state.contacted else state.heard_at,  # a line that brings heartbeats and no changes is as good as silent
        confirmed_at=now.monotonic if caught_up and beat.get("incomplete") is not True and not state.site_unknown else state.confirmed_at)
    return _progress(heard, beat) if caught_up else heard


def take_effective(state, timeline):
    """The hub's merge is not followed; it tells how far the hub's history is."""
    told = Cursor.parse(f"{timeline.get('epoch')}.{timeline.get('sequence')}")
    return _progress(state, timeline) if timeline["siteId"] == state.set.site_id and told is not None and told == state.cursor else state


def _timed(state, hub, now):
    # The first time that the hub tells says how long a fail-safe from before the restart has really lasted.
    clock = HubClock.after(state.clock, hub, now.monotonic)
    wall_origin = now.wall - now.monotonic if clock is not None and clock.doubted is None else state.wall_origin
    if clock is None or state.clock is not None:
        return replace(state, clock=clock, wall_origin=wall_origin)
    failsafes = {
        key: f if f.persisted is None else replace(f, entered_at=now.monotonic - max(0, hub - f.persisted), persisted=None) for key, f in state.failsafes.items()}
    return replace(state, clock=clock, wall_origin=wall_origin, failsafes=failsafes)


def _progress(state, said):
    # Only a word about this very set may end what is retained: it is then known that nothing restated is still on its way.
    incomplete = said.get("incomplete") is True
    keeps = incomplete or state.site_unknown or state.set.rewound_from is not None or not state.set.retained
    return replace(
        state, set=state.set if keeps else replace(state.set, retained=()), waiting_for=_waiting_for(said), blank=state.blank and (incomplete or state.site_unknown))


def _waiting_for(said):
    return tuple(said.get("waitingFor") or ()) if said.get("incomplete") is True else None


def _lost(state, beat, now):
    # Once lost, only "ok" ends it, or the end of the stream: not to hear of a utility, and to hear that it is late, is no news that it is back.
    at, stated = parse_instant(beat["at"]), {}
    for upstream in beat["upstreams"]:
        stated.setdefault(stream_of(upstream), []).append(upstream)
    lost = {}
    for stream, lines in stated.items():
        sinces = [now.monotonic - max(0, at - parse_instant(u["since"])) for u in lines if u["status"] == "lost"]
        if sinces:
            lost[stream] = min(sinces + [state.lost[stream]] if stream in state.lost else sinces)
    for stream, since in state.lost.items():
        if stream in stated:
            still = all(u["status"] == "stale" for u in stated[stream])
        else:
            still = not state.contacted or any(stream_of(e) == stream for e in all_of(state.set))
        if still:
            lost[stream] = since
    return lost


def _miss(state, now):
    return replace(state, missed=True, missed_since=now.monotonic if state.missed_since is None else state.missed_since)
