import { keyOf } from './held.js';
import type { Envelope, Limits, TargetKind, Tier } from './models.js';
import { parseInstant } from './times.js';

const TIERS: readonly Tier[] = ['safety', 'regulatory', 'contractual', 'market', 'economic'];

/** Every quantity that may be stated; currents bear their phase. */
export const QUANTITIES = [
  'importLimitW', 'exportLimitW', 'chargeLimitW', 'dischargeLimitW', 'generationLimitW', 'loadLimitW',
  'L1.importLimitA', 'L1.exportLimitA', 'L2.importLimitA', 'L2.exportLimitA', 'L3.importLimitA', 'L3.exportLimitA', 'connect', 'energize',
] as const;
export type Quantity = (typeof QUANTITIES)[number];

/** A merged value, and the stream that states it. Among equal values the strongest tier binds, then the service, then the key that comes first. `next` is who would bind without it. */
export interface Bound {
  readonly value: number | boolean;
  readonly boundBy: { readonly service: string; readonly key: string; readonly envelopeId: string; readonly tier: Tier };
  readonly next?: { readonly service: string; readonly key: string; readonly value: number | boolean };
}

export type Bounds = { readonly [quantity in Quantity]?: Bound };

/** What holds from `from` on, until `until` (undefined: without end); nanoseconds. */
export interface Segment { readonly from: bigint; readonly until?: bigint; readonly limits: Bounds }

/** An envelope as it is merged: moved by so many nanoseconds. */
export type Followed = Envelope & { readonly movedBy?: bigint };

interface Step { readonly from?: bigint; readonly limits: Limits }

/** One envelope laid out over time, ascending without a gap, the first from the beginning of time; the default wherever no segment covers. */
function steps(envelope: Followed): Step[] {
  const between = envelope.default?.limits ?? {};
  const by = envelope.movedBy ?? 0n;
  const laid: Step[] = [];
  let end: bigint | undefined;
  for (const segment of envelope.segments) {
    const from = parseInstant(segment.from) + by;
    if (end === undefined || from > end) laid.push({ from: end, limits: between });
    laid.push({ from, limits: segment.limits });
    if (segment.until === null || segment.until === undefined) return laid;
    end = parseInstant(segment.until) + by;
  }
  return [...laid, { from: end, limits: between }];
}

/** The segments of one metering boundary from `at` on; neighbours differ, and the last has no end. `most`: no more than so many of them, each with its end. */
export function merge(envelopes: readonly Followed[], kind: TargetKind, id: string, at: bigint, most = Infinity): Segment[] {
  const newest = new Map<string, Followed>();
  for (const envelope of envelopes) {
    const held = newest.get(keyOf(envelope));
    if (!held || envelope.revision > held.revision) newest.set(keyOf(envelope), envelope);
  }
  const mandatory = [...newest.values()].filter(e => e.obligation === 'mandatory' && e.target.kind === kind && e.target.id === id).sort(byRank);
  const lanes = mandatory.map(envelope => ({ envelope, laid: steps(envelope), reached: 0 }));
  const turns = [...new Set([at, ...lanes.flatMap(l => l.laid.map(s => s.from)).filter((t): t is bigint => t !== undefined && t > at)])].sort((a, b) => (a < b ? -1 : 1));
  const segments: { from: bigint; limits: Bounds }[] = [];
  for (const turn of turns) {
    const limits = bounds(lanes.map(l => ({ envelope: l.envelope, limits: advance(l, turn).limits })));
    if (segments.length === 0 || !saysSame(segments[segments.length - 1].limits, limits)) segments.push({ from: turn, limits });
    if (segments.length > most) break;
  }
  return segments.map((s, i) => ({ ...s, until: segments[i + 1]?.from })).slice(0, most);
}

// Turns ascend: no lane is gone through twice.
function advance(lane: { readonly laid: readonly Step[]; reached: number }, turn: bigint): Step {
  while (lane.reached + 1 < lane.laid.length && lane.laid[lane.reached + 1].from! <= turn) lane.reached++;
  return lane.laid[lane.reached];
}

/** True where two merges say the same, by the same streams. */
export const saysSame = (a: Bounds, b: Bounds): boolean => JSON.stringify(a) === JSON.stringify(b);

/** What limits as the hub writes them say of a quantity; undefined: nothing. */
export function find(limits: Limits, quantity: Quantity): number | boolean | undefined {
  const [phase, rest] = quantity.split('.');
  const value = rest ? limits.perPhase?.[phase as 'L1' | 'L2' | 'L3']?.[rest as 'importLimitA' | 'exportLimitA'] : (limits as Record<string, number | boolean | undefined>)[quantity];
  return value ?? undefined;
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const byRank = (a: Envelope, b: Envelope): number =>
  TIERS.indexOf(a.tier) - TIERS.indexOf(b.tier) || byText(a.stream.service, b.stream.service) || byText(a.stream.key, b.stream.key);

function bounds(said: readonly { envelope: Envelope; limits: Limits }[]): Bounds {
  const merged: Record<string, Bound> = {};
  for (const quantity of QUANTITIES) {
    // Sorting is stable: among equal values the order of rank stays.
    const stating = said.map(s => ({ envelope: s.envelope, value: find(s.limits, quantity) })).filter((s): s is { envelope: Envelope; value: number | boolean } => s.value !== undefined)
      .sort((a, b) => Number(a.value) - Number(b.value));
    if (stating.length === 0) continue;
    const [{ envelope, value }, second] = stating;
    merged[quantity] = {
      value,
      boundBy: { ...envelope.stream, envelopeId: envelope.envelopeId, tier: envelope.tier },
      ...(second ? { next: { ...second.envelope.stream, value: second.value } } : {}),
    };
  }
  return merged as Bounds;
}

