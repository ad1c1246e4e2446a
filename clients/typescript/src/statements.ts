import { HubClock } from './clock.js';
import { after, allOf, keyOf, notRestated, restate, streamOf } from './held.js';
import { cursorOf, type Holding, type Moment, type StreamFailsafe } from './holding.js';
import { Cursor, type Change, type Heartbeat, type SetStated } from './messages.js';
import type { EffectiveTimeline } from './models.js';
import { greater, lesser, parseInstant } from './times.js';

type Said = { incomplete?: boolean; waitingFor?: string[] };

/** The whole set: what is not listed is not live, unless the hub's history is incomplete or was set back. */
export function takeSet(state: Holding, message: SetStated, now: Moment): Holding {
  const stated = message.data;
  const held = cursorOf(state);
  const sameEpoch = held !== undefined && held.epoch === message.cursor.epoch;
  const rewound = sameEpoch && message.cursor.sequence < held.sequence;
  if (stated.siteId !== state.set.siteId || stated.envelopes.some(e => e.siteId !== state.set.siteId) || (rewound && !message.asked)) {
    return state; // of another site, or of before what is held and late on its way
  }

  // A hub that is asked and knows less than it once said was set back without knowing it: its word alone ends nothing.
  const rewoundFrom = rewound ? state.set.cursor : sameEpoch ? state.set.rewoundFrom : undefined;
  const [incomplete, unknown] = [stated.incomplete === true, stated.siteKnown === false];
  return {
    ...state,
    set: {
      siteId: state.set.siteId,
      cursor: message.cursor.toString(),
      envelopes: stated.envelopes,
      withdrawn: stated.withdrawn ?? [],
      prices: stated.prices,
      retained: incomplete || unknown || rewoundFrom !== undefined ? notRestated(state.set, stated) : [],
      rewoundFrom,
      clockAheadMs: state.set.clockAheadMs,
      writtenAt: state.set.writtenAt,
      hub: state.set.hub,
      failsafes: [],
      losses: [],
    },
    waitingFor: waitingFor(stated),
    contacted: true,
    blank: state.blank && (incomplete || unknown),
    siteUnknown: unknown,
    missed: false,
    missedSince: undefined,
    confirmedAt: sameEpoch ? state.confirmedAt : undefined,
    heardAt: now.monotonic,
    failsafes: changed(state.failsafes, f => ({ ...f, restated: true, statementSeen: f.heartbeatSeen })),
  };
}

/** One change. Before the set is known it alone says too little; one already held says nothing. */
export function takeChange(state: Holding, message: Change, now: Moment): Holding {
  const held = cursorOf(state);
  const { cursor } = message;
  if (!state.contacted || message.data.siteId !== state.set.siteId || (held && held.epoch === cursor.epoch && cursor.sequence <= held.sequence)) return state;
  if (!held || held.epoch !== cursor.epoch) return miss(state, now); // of another history: what that holds, the whole set must say first
  const failsafes = new Map(state.failsafes);
  const failsafe = message.kind === 'prices' ? undefined : failsafes.get(keyOf(message.data));
  if (failsafe && message.kind !== 'prices') failsafes.set(keyOf(message.data), { ...failsafe, restated: true, statementSeen: failsafe.heartbeatSeen });
  return {
    ...(cursor.sequence > held.sequence + 1n ? miss(state, now) : state),
    set: { ...after(restate(state.set, message), message), cursor: cursor.toString() },
    blank: state.blank && !(state.siteUnknown && state.waitingFor === undefined),
    siteUnknown: false,
    heardAt: now.monotonic,
    failsafes,
  };
}

/** The hub lives. Of another history, or delayed, it says nothing about what is held. */
export function takeHeartbeat(state: Holding, beat: Heartbeat, now: Moment): Holding {
  const told = Cursor.parse(`${beat.epoch}.${beat.sequence}`);
  if (beat.siteId !== state.set.siteId || !told) return state;
  const timed = withTime(state, parseInstant(beat.at), now);
  const held = cursorOf(state);
  if (held && (held.epoch !== told.epoch || told.sequence < held.sequence)) return miss(timed, now);
  const lost = lostAfter(state, beat, now);
  const caughtUp = state.contacted && held !== undefined && told.toString() === held.toString();
  const heard: Holding = {
    ...(caughtUp ? timed : miss(timed, now)),
    lost,
    failsafes: changed(timed.failsafes, f => ({ ...f, heartbeatSeen: !lost.has(streamOf(f.envelope)), statementSeen: f.statementSeen && !lost.has(streamOf(f.envelope)) })),
    heardAt: caughtUp || !state.contacted ? now.monotonic : state.heardAt, // a line that brings heartbeats and no changes is as good as silent
    confirmedAt: caughtUp && beat.incomplete !== true && !state.siteUnknown ? now.monotonic : state.confirmedAt,
  };
  return caughtUp ? progress(heard, beat) : heard;
}

/** The hub's merge is not followed; it tells how far the hub's history is. */
export function takeEffective(state: Holding, timeline: EffectiveTimeline): Holding {
  const told = Cursor.parse(`${timeline.epoch}.${timeline.sequence}`);
  return timeline.siteId === state.set.siteId && told && told.toString() === cursorOf(state)?.toString() ? progress(state, timeline) : state;
}

// The first time that the hub tells says how long a fail-safe from before the restart has really lasted.
function withTime(state: Holding, hub: bigint, now: Moment): Holding {
  const clock = HubClock.after(state.clock, hub, now.monotonic);
  const wallOrigin = clock && clock.doubted === undefined ? now.wall - now.monotonic : state.wallOrigin;
  if (!clock || state.clock) return { ...state, clock, wallOrigin };
  const failsafes = changed(state.failsafes, f => (f.persisted === undefined ? f : { ...f, enteredAt: now.monotonic - greater(0n, hub - f.persisted), persisted: undefined }));
  return { ...state, clock, wallOrigin, failsafes };
}

// Only a word about this very set may end what is retained: it is then known that nothing restated is still on its way.
function progress(state: Holding, said: Said): Holding {
  const incomplete = said.incomplete === true;
  const keeps = incomplete || state.siteUnknown || state.set.rewoundFrom !== undefined || state.set.retained.length === 0;
  return { ...state, set: keeps ? state.set : { ...state.set, retained: [] }, waitingFor: waitingFor(said), blank: state.blank && (incomplete || state.siteUnknown) };
}

const waitingFor = (said: Said): readonly string[] | undefined => (said.incomplete === true ? said.waitingFor ?? [] : undefined);

// Once lost, only "ok" ends it, or the end of the stream: not to hear of a utility, and to hear that it is late, is no news that it is back.
function lostAfter(state: Holding, beat: Heartbeat, now: Moment): Map<string, bigint> {
  const at = parseInstant(beat.at);
  const stated = new Map<string, Heartbeat['upstreams']>();
  for (const upstream of beat.upstreams) stated.set(streamOf(upstream), [...(stated.get(streamOf(upstream)) ?? []), upstream]);
  const lost = new Map<string, bigint>();
  for (const [stream, lines] of stated) {
    const sinces = lines.filter(u => u.status === 'lost').map(u => now.monotonic - greater(0n, at - parseInstant(u.since)));
    const known = state.lost.get(stream);
    if (sinces.length > 0) lost.set(stream, [...sinces, ...(known === undefined ? [] : [known])].reduce(lesser));
  }
  for (const [stream, since] of state.lost) {
    const lines = stated.get(stream);
    if (lines ? lines.every(u => u.status === 'stale') : !state.contacted || allOf(state.set).some(e => streamOf(e) === stream)) lost.set(stream, since);
  }
  return lost;
}

const miss = (state: Holding, now: Moment): Holding => ({ ...state, missed: true, missedSince: state.missedSince ?? now.monotonic });

const changed = (failsafes: ReadonlyMap<string, StreamFailsafe>, change: (f: StreamFailsafe) => StreamFailsafe): Map<string, StreamFailsafe> =>
  new Map([...failsafes].map(([key, f]) => [key, change(f)]));
