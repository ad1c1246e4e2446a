/**
 * Says what a site may do when the hub speaks, and when it no longer does. Pure: no clock, no file, no network. It keeps the rules of the .NET SDK, and is held to the same scripts:
 *
 *            whole set stated                 silence >= staleAfter, onStale = failsafe
 *   init ------------------------> live ------------------------------------------> stream in fail-safe
 *                                  |  ^      silence >= staleAfter, holdSchedule              |
 *                                  v  |      (schedule as last stated)                        | minDuration over
 *                                holding                                                      | AND heartbeat
 *                                     ^-------------------------------------------------------+ AND THEN envelope or set
 * Silence is that of the hub, or that of the utility behind the stream where heartbeats show it lost.
 */
import { allOf, alone, emptySet, keeps, keyOf, renamed, retainedAsMerged, streamOf, type HeldSet } from './held.js';
import { doubtedTimesAt, timeAt, type Holding, type Moment, type Options, type StreamFailsafe } from './holding.js';
import { SiteLimits, type SitePhase, type Standing, type StreamPhase } from './limits.js';
import type { Followed } from './merge.js';
import type { HubMessage } from './messages.js';
import type { Envelope, Failsafe, Limits } from './models.js';
import { takeChange, takeEffective, takeHeartbeat, takeSet } from './statements.js';
import { SECOND, greater, lesser, parseDuration, parseInstant } from './times.js';

const LONGEST_ASKING = 5n * SECOND;
const NOBODY = '00000000-0000-0000-0000-000000000000';

/** The state after a start of the controller; `persisted` is what was held before, undefined at the very first start. */
export function start(siteId: string, persisted: HeldSet | undefined, options: Options, now: Moment): Holding {
  const held = persisted && isOf(siteId, persisted) ? persisted : undefined;
  const state: Holding = {
    options,
    set: held ?? emptySet(siteId),
    contacted: false,
    blank: !held || held.neverWhole === true,
    siteUnknown: false,
    lost: new Map(),
    failsafes: new Map(),
    missed: false,
    writtenOrigin: held?.writtenAt === undefined ? undefined : parseInstant(held.writtenAt) - now.monotonic,
  };
  // Of the two times that it may be the one that makes the stay shorter: the hub's, once it is heard, sets it right.
  const earliest = lesser(now.wall, timeAt(state, now));
  const failsafes = new Map<string, StreamFailsafe>();
  const lost = new Map<string, bigint>();
  for (const { envelope, enteredAt } of held?.failsafes ?? []) {
    const persistedAt = parseInstant(enteredAt);
    const entry = { envelope, enteredAt: now.monotonic - greater(0n, earliest - persistedAt), heartbeatSeen: false, statementSeen: false, restated: false, persisted: persistedAt };
    if (!failsafes.has(keyOf(envelope))) failsafes.set(keyOf(envelope), entry);
  }
  for (const entry of held?.losses ?? []) {
    if (!lost.has(streamOf(entry))) lost.set(streamOf(entry), now.monotonic - greater(0n, earliest - parseInstant(entry.since)));
  }
  return { ...state, failsafes, lost };
}

/** The state after a word from the hub. A word about another site, or one from before what is held, is no word at all. */
export function apply(state: Holding, message: HubMessage, now: Moment): Holding {
  // Silence that ended just now still counts: first what became stale, then what was said.
  const before = tick(state, now);
  switch (message.type) {
    case 'set': return tick(takeSet(before, message, now), now);
    case 'change': return tick(takeChange(before, message, now), now);
    case 'heartbeat': return tick(takeHeartbeat(before, message.data, now), now);
    case 'effective': return tick(takeEffective(before, message.data), now);
    default: return before;
  }
}

/** The state after time passed: enters fail-safes that are due, leaves those that may be left. */
export function tick(state: Holding, now: Moment): Holding {
  if (!state.contacted) return state;
  const failsafes = new Map(state.failsafes);
  for (const envelope of [...state.set.envelopes, ...alone(state.set)]) {
    if (!failsafes.has(keyOf(envelope)) && goesToFailsafe(state, envelope) && isStale(state, envelope, now)) {
      failsafes.set(keyOf(envelope), { envelope, enteredAt: now.monotonic, heartbeatSeen: false, statementSeen: false, restated: false });
    }
  }
  for (const [key, failsafe] of state.failsafes) {
    if (isStale(state, failsafe.envelope, now)) {
      failsafes.set(key, { ...failsafe, heartbeatSeen: false, statementSeen: false }); // what was heard before this silence releases nothing
    } else if (mayLeave(state, failsafe, now)) {
      failsafes.delete(key);
    }
  }
  return { ...state, failsafes };
}

/** The limits in force, merged from what is held: a controller needs no hub to go on. */
export function limitsAt(state: Holding, now: Moment): SiteLimits {
  const streams = standings(state, now);
  const phase = phaseOf(state, streams);
  const at = timeAt(state, now);
  return new SiteLimits({
    siteId: state.set.siteId, at, clockAhead: now.wall - at, phase, isKnown: phase === 'controlled' && isConfirmed(state, now),
    sinceHeard: state.heardAt === undefined ? undefined : now.monotonic - state.heardAt, streams, waitingFor: state.waitingFor, followed: atAllTimes(state, now, at),
  });
}

// While the time is in doubt each schedule stands there once more, moved so that it says now what it says at the other time: the tighter of both holds.
function atAllTimes(state: Holding, now: Moment, at: bigint): Followed[] {
  const here = followed(state);
  const schedules = here.filter(e => e.obligation === 'mandatory' && e.segments.length > 0);
  return [...here, ...doubtedTimesAt(state, now).flatMap((time, nth) => schedules.map(e => ({ ...renamed(e, `~clock${nth + 1}`), movedBy: at - time })))];
}

// The envelopes that are followed now: those of live and holding streams, fail-safe limits of the others.
function followed(state: Holding): Envelope[] {
  const all: Envelope[] = [];
  for (const envelope of [...state.set.envelopes, ...retainedAsMerged(state.set)]) {
    const failsafe = state.failsafes.get(keyOf(envelope));
    if (failsafe ? failsafe.restated : state.contacted || !goesToFailsafe(state, envelope)) {
      all.push(envelope);
      continue;
    }
    // Limits that the stream states itself take its schedule's place; those of the controller only tighten it.
    if (!envelope.failsafe?.limits) all.push(envelope);
    if (!failsafe) all.push(toFailsafe(envelope, ruleOf(state, envelope)));
  }
  for (const failsafe of state.failsafes.values()) all.push(toFailsafe(failsafe.envelope, ruleOf(state, failsafe.envelope)));
  const init = state.options.initLimits;
  return init && (state.blank || isUnknownAndEmpty(state)) ? [...all, initEnvelope(state.set.siteId, init)] : all;
}

function isStale(state: Holding, envelope: Envelope, now: Moment): boolean {
  const staleAfter = parseDuration(ruleOf(state, envelope).staleAfter);
  const lost = state.lost.get(streamOf(envelope));
  return (state.heardAt !== undefined && now.monotonic - state.heardAt >= staleAfter) || (lost !== undefined && now.monotonic - lost >= staleAfter);
}

// The shortest stay, and a heartbeat, and after it a statement; none of the three alone.
const mayLeave = (state: Holding, f: StreamFailsafe, now: Moment): boolean =>
  f.heartbeatSeen && f.statementSeen && now.monotonic - f.enteredAt >= parseDuration(ruleOf(state, f.envelope).minDuration ?? 'PT0S');

// Fail-safe without limits would lift the stream's own: then the schedule is held instead.
function goesToFailsafe(state: Holding, envelope: Envelope): boolean {
  const rule = ruleOf(state, envelope);
  return envelope.obligation === 'mandatory' && rule.onStale === 'failsafe' && !!rule.limits;
}

function ruleOf(state: Holding, envelope: Envelope): Failsafe {
  const stated = envelope.failsafe;
  return !stated ? state.options.default : stated.limits ? stated : { ...stated, limits: state.options.default.limits };
}

// A site that the hub has never heard of, and of which nothing is held: an empty set that was whole once says nothing of it.
const isUnknownAndEmpty = (state: Holding): boolean => state.siteUnknown && state.set.envelopes.length === 0 && state.set.retained.length === 0;

// By a heartbeat that named the very place held, not long ago; and nothing is known to have been missed for longer than asking for it takes.
const isConfirmed = (state: Holding, now: Moment): boolean =>
  state.clock !== undefined && state.set.rewoundFrom === undefined && state.confirmedAt !== undefined && now.monotonic - state.confirmedAt < parseDuration(state.options.default.staleAfter)
  && !(state.missedSince !== undefined && now.monotonic - state.missedSince >= LONGEST_ASKING);

// A stream of its own name, so that the merge neither drops it for the live revision nor hides who binds.
const toFailsafe = (envelope: Envelope, rule: Failsafe): Envelope =>
  ({ ...renamed(envelope, '~failsafe'), segments: [], targets: [], default: { limits: rule.limits ?? {} }, failsafe: undefined });

const initEnvelope = (siteId: string, limits: Limits): Envelope => ({
  envelopeId: NOBODY, revision: 1, siteId, target: { kind: 'site', id: siteId }, stream: { service: 'controller', key: 'init' }, tier: 'safety', obligation: 'mandatory',
  segments: [], targets: [], default: { limits }, provenance: { protocol: 'GridServices', authority: 'controller' },
});

function standings(state: Holding, now: Moment): Standing[] {
  const envelopes = [...state.set.envelopes, ...alone(state.set)].filter(e => !state.failsafes.has(keyOf(e)));
  // Streams that have no envelope just now: what their lost utilities may have begun meanwhile nobody knows.
  const heardOf = new Set([...allOf(state.set), ...[...state.failsafes.values()].map(f => f.envelope)].map(streamOf));
  const staleAfter = parseDuration(state.options.default.staleAfter);
  const unheard = [...state.lost].filter(([stream, since]) => now.monotonic - since >= staleAfter && !heardOf.has(stream));
  return [
    ...[...state.failsafes.values()].map(f => ({ stream: streamOf(f.envelope), phase: 'failsafe' as const })),
    ...envelopes.map(e => ({ stream: streamOf(e), phase: standing(state, e, now) })),
    ...unheard.map(([stream]) => ({ stream, phase: 'holding' as const })),
  ].sort((a, b) => (a.stream < b.stream ? -1 : a.stream > b.stream ? 1 : 0));
}

function standing(state: Holding, envelope: Envelope, now: Moment): StreamPhase {
  if (!state.contacted) return goesToFailsafe(state, envelope) ? 'failsafe' : 'holding';
  return keeps(state.set, keyOf(envelope)) || isStale(state, envelope, now) ? 'holding' : 'live';
}

function phaseOf(state: Holding, streams: readonly Standing[]): SitePhase {
  if (!state.contacted || (state.blank && streams.length === 0) || isUnknownAndEmpty(state)) return 'init';
  return streams.some(s => s.phase === 'failsafe') ? 'failsafe' : streams.some(s => s.phase === 'holding') ? 'holding' : 'controlled';
}

const isOf = (siteId: string, held: HeldSet): boolean => [held.siteId, ...held.envelopes.map(e => e.siteId), ...held.failsafes.map(f => f.envelope.siteId)].every(id => id === siteId);
