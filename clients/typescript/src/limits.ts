import { QUANTITIES, merge, type Bounds, type Followed, type Quantity, type Segment } from './merge.js';
import type { EnvelopeTarget, TargetKind } from './models.js';
import { formatInstant } from './times.js';

export type SitePhase = 'init' | 'controlled' | 'holding' | 'failsafe';
export type StreamPhase = 'live' | 'holding' | 'failsafe';

/** How one stream is followed. */
export interface Standing { readonly stream: string; readonly phase: StreamPhase }

const NUMBERS: ReadonlySet<string> = new Set(QUANTITIES.filter(q => q !== 'connect' && q !== 'energize'));

interface Told {
  readonly siteId: string;
  readonly at: bigint;
  readonly clockAhead: bigint;
  readonly phase: SitePhase;
  readonly isKnown: boolean;
  readonly sinceHeard?: bigint;
  readonly streams: readonly Standing[];
  readonly waitingFor?: readonly string[];
  readonly followed: readonly Followed[];
}

/**
 * The limits in force at a moment, who binds them, until when, and what comes next. Only where `isKnown` is true does a quantity that nobody states mean "no limit"; otherwise a limit may have
 * been lost on the way. `at`, `clockAhead` and `sinceHeard` are nanoseconds, the first of the hub's clock.
 */
export class SiteLimits {
  private all?: Segment[];
  private first?: Segment[];
  private rest?: { target: EnvelopeTarget; segments: Segment[] }[];
  private said?: string;

  constructor(private readonly told: Told) {}

  get siteId(): string { return this.told.siteId; }
  get at(): bigint { return this.told.at; }
  get clockAhead(): bigint { return this.told.clockAhead; }
  get phase(): SitePhase { return this.told.phase; }
  get isKnown(): boolean { return this.told.isKnown; }
  get sinceHeard(): bigint | undefined { return this.told.sinceHeard; }
  get streams(): readonly Standing[] { return this.told.streams; }

  /** The publishers that a hub with another history still waits for; undefined: its history is complete. */
  get waitingFor(): readonly string[] | undefined { return this.told.waitingFor; }

  /** What holds at the connection point, from now on. */
  get segments(): readonly Segment[] { return (this.all ??= merge(this.told.followed, 'site', this.siteId, this.at)); }

  /** What holds now. */
  get limits(): Bounds { return this.nearest[0].limits; }

  /** The same for another metering boundary (circuit, evseGroup, evse, ess, pv). */
  limitsOf(kind: TargetKind, id: string): Bounds { return merge(this.told.followed, kind, id, this.at, 1)[0].limits; }

  /** When the limits change next; undefined: not as things stand. */
  get until(): string | undefined { const { until } = this.nearest[0]; return until === undefined ? undefined : formatInstant(until); }

  /** What holds from then on; undefined: nothing changes. */
  get next(): Bounds | undefined { return this.nearest[1]?.limits; }

  /**
   * The most of a quantity, in its unit: the limit in force, 0 where the site is told to disconnect or to cease to energize, `failsafe` where not all is known,
   * and null only for "no limit" that is known. Throws `RangeError` for a quantity that the contract does not have, and for a `failsafe` that is no finite number of 0 or more.
   */
  most(quantity: Exclude<Quantity, 'connect' | 'energize'>, failsafe: number): number | null {
    if (!NUMBERS.has(quantity)) throw new RangeError(`'${quantity}' is no quantity; one of ${[...NUMBERS].join(', ')}`);
    if (!Number.isFinite(failsafe) || failsafe < 0) throw new RangeError('failsafe is a finite number, 0 or more');
    const { limits } = this;
    if (limits.connect?.value === false || limits.energize?.value === false) return 0;
    return limits[quantity] ? (limits[quantity]!.value as number) : this.isKnown ? null : failsafe;
  }

  /** True where nothing that a controller acts on differs. */
  saysSameAs(other: SiteLimits | undefined): boolean { return other !== undefined && (this.isOnlyLaterThan(other) || this.words === other.words); }

  // The same is followed, and nothing that it says begins or ends in between: there is nothing to merge anew.
  private isOnlyLaterThan(other: SiteLimits): boolean {
    const [mine, theirs] = [this.told.followed, other.told.followed];
    return other.at <= this.at && mine.length === theirs.length && mine.every((e, i) => e === theirs[i]) && this.siteId === other.siteId
      && JSON.stringify(this.standing) === JSON.stringify(other.standing) && other.turns.every(turn => this.at < turn);
  }

  // What holds now and what next: of the rest nobody may ever ask.
  private get nearest(): Segment[] { return (this.first ??= merge(this.told.followed, 'site', this.siteId, this.at, 2)); }

  private get parts(): { target: EnvelopeTarget; segments: Segment[] }[] {
    return (this.rest ??= [...new Map(this.told.followed.map(e => [`${e.target.kind}/${e.target.id}`, e.target])).values()].filter(t => t.kind !== 'site')
      .sort((a, b) => (`${a.kind}/${a.id}` < `${b.kind}/${b.id}` ? -1 : 1)).map(target => ({ target, segments: merge(this.told.followed, target.kind, target.id, this.at, 2) })));
  }

  private get turns(): bigint[] { return [this.nearest, ...this.parts.map(p => p.segments)].map(s => s[0].until).filter((t): t is bigint => t !== undefined); }

  private get standing(): unknown[] { return [this.phase, this.isKnown, this.waitingFor === undefined, this.streams]; }

  private get words(): string {
    const parts = this.parts.map(p => [p.target, p.segments.map(s => [String(s.until), s.limits])]);
    return (this.said ??= JSON.stringify([this.standing, this.limits, this.until ?? null, this.next ?? null, parts]));
  }
}
