import type { HubClock } from './clock.js';
import type { HeldSet } from './held.js';
import { checkFailsafe, faultOfSetting } from './contract.js';
import { Cursor } from './messages.js';
import type { Envelope, Failsafe, Limits } from './models.js';
import { SECOND, distance, formatInstant } from './times.js';

/** One reading of both clocks, ns. Schedules go by `wall`; staleness and shortest stays go by `monotonic`, so that a clock that is set neither hides a dead line nor invents one. */
export interface Moment { readonly wall: bigint; readonly monotonic: bigint }

/** The controller's own rules. `initLimits` hold before the first contact ever; `default` is for envelopes without `failsafe`. */
export interface Options { readonly initLimits?: Limits | null; readonly default: Failsafe }

export const DEFAULTS: Options = { default: { staleAfter: 'PT2M', onStale: 'holdSchedule' } };

/**
 * The controller's own rules with what they don't say, judged as the hub's own words are: a name that nobody knows must not read as "no limit".
 * Throws `RangeError` where they don't fit.
 */
export function withDefaults(options: Partial<Options> | undefined): Options {
  const chosen: Options = { initLimits: options?.initLimits, default: options?.default ?? DEFAULTS.default };
  const init = chosen.initLimits === undefined || chosen.initLimits === null ? undefined : faultOfSetting(chosen.initLimits, 'limits');
  if (init !== undefined) throw new RangeError(`initLimits: ${init}`);
  const rule = faultOfSetting(chosen.default, 'failsafe');
  if (rule !== undefined) throw new RangeError(`default: ${rule}`);
  const unknown = Object.keys(chosen.default).find(name => !['staleAfter', 'onStale', 'limits', 'minDuration'].includes(name));
  if (unknown !== undefined) throw new RangeError(`default: /${unknown} is not known`);
  try {
    checkFailsafe(chosen.default);
  } catch (fault) {
    throw new RangeError(`default: ${(fault as Error).message}`);
  }
  return chosen;
}

/** One stream in fail-safe; `persisted` is when it was entered before a restart, by the hub's clock: `enteredAt` is a guess until the hub has told its time. */
export interface StreamFailsafe {
  readonly envelope: Envelope;
  readonly enteredAt: bigint;
  readonly heartbeatSeen: boolean;
  readonly statementSeen: boolean;
  readonly restated: boolean;
  readonly persisted?: bigint;
}

/** The state of the fail-safe machine: immutable, changed only by it. `failsafes` by keyOf, `lost` (utilities that are not heard, and since when) by streamOf. */
export interface Holding {
  readonly options: Options;
  readonly set: HeldSet;
  readonly contacted: boolean;
  readonly blank: boolean;
  readonly heardAt?: bigint;
  readonly clock?: HubClock;
  readonly siteUnknown: boolean;
  readonly waitingFor?: readonly string[];
  readonly lost: ReadonlyMap<string, bigint>;
  readonly failsafes: ReadonlyMap<string, StreamFailsafe>;
  readonly missed: boolean;
  readonly missedSince?: bigint;
  readonly confirmedAt?: bigint;
  readonly writtenOrigin?: bigint;
  readonly wallOrigin?: bigint;
}

export const cursorOf = (state: Holding): Cursor | undefined => Cursor.parse(state.set.cursor);

/** True when the whole set must be asked for: something was missed, or a stream in fail-safe has its heartbeat and waits for the statement that must follow it. */
export const needsSet = (state: Holding): boolean => state.missed || [...state.failsafes.values()].some(f => f.heartbeatSeen && !f.statementSeen);

/** The time that schedules go by: the hub's where it is known, otherwise this machine's, corrected by what was wrong with it when it last was. */
export const timeAt = (state: Holding, now: Moment): bigint => state.clock?.at(now.monotonic) ?? now.wall - BigInt(state.set.clockAheadMs ?? 0) * 1_000_000n;

/** Other times that it may be; what holds at any of them is obeyed. */
export function doubtedTimesAt(state: Holding, now: Moment): bigint[] {
  const at = timeAt(state, now);
  const times: (bigint | undefined)[] = [];
  const { clock } = state;
  if (!clock || clock.origins.length === 1) times.push(now.wall);
  const stopped = state.writtenOrigin === undefined ? undefined : state.writtenOrigin + now.monotonic;
  if (!clock && stopped !== undefined && stopped > at && stopped > now.wall) times.push(stopped);
  if (clock) {
    times.push(...[clock.doubted, clock.setBack].map(origin => (origin === undefined ? undefined : origin + now.monotonic)));
    const leapt = state.wallOrigin === undefined ? 0n : now.wall - now.monotonic - state.wallOrigin;
    if (leapt > SECOND) times.push(at + leapt);
  }
  return [...new Set(times.filter((t): t is bigint => t !== undefined && distance(t, at) > SECOND))];
}

/** By how many milliseconds this machine's clock is ahead of the hub's; undefined: by less than a second. */
export function clockAheadMsAt(state: Holding, now: Moment): number | undefined {
  if (!state.clock) return state.set.clockAheadMs;
  const ahead = now.wall - timeAt(state, now);
  return distance(ahead, 0n) > SECOND ? Number(ahead / 1_000_000n) : undefined;
}

/** The set as it is to be written down. */
export function toPersist(state: Holding, now: Moment): HeldSet {
  const at = timeAt(state, now);
  return {
    ...state.set,
    clockAheadMs: clockAheadMsAt(state, now),
    neverWhole: state.blank ? true : undefined,
    writtenAt: state.clock ? formatInstant(at) : state.set.writtenAt,
    failsafes: [...state.failsafes.values()].map(f => ({ envelope: f.envelope, enteredAt: formatInstant(at - (now.monotonic - f.enteredAt)) })),
    losses: [...state.lost].map(([stream, since]) => ({ stream: { service: stream.split('/')[0], key: stream.split('/')[1] }, since: formatInstant(at - (now.monotonic - since)) })),
  };
}
