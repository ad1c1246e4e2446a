import type { EffectiveTimeline, Envelope, PriceSeries, SiteEnvelopes, UpstreamHealth, Withdrawal } from './models.js';

const CURSOR = /^([A-Za-z0-9_-]{1,64})\.(0|[1-9][0-9]{0,18})$/;
const HIGHEST = 2n ** 63n - 1n;

/** A place in the hub's log. The epoch changes when the hub's store is replaced. */
export class Cursor {
  constructor(readonly epoch: string, readonly sequence: bigint) {}

  /** Undefined where the text is no cursor. */
  static parse(text: string | undefined | null): Cursor | undefined {
    const match = CURSOR.exec(text ?? '');
    return match && BigInt(match[2]) <= HIGHEST ? new Cursor(match[1], BigInt(match[2])) : undefined;
  }

  toString(): string {
    return `${this.epoch}.${this.sequence}`;
  }
}

/** All that is live at a cursor. `asked`: it answers a question or opens the stream, and can't be an old one, late on its way. */
export interface SetStated { readonly type: 'set'; readonly cursor: Cursor; readonly data: SiteEnvelopes; readonly asked: boolean }

/** One change. */
export type Change =
  | { readonly type: 'change'; readonly kind: 'envelope'; readonly cursor: Cursor; readonly data: Envelope }
  | { readonly type: 'change'; readonly kind: 'withdrawal'; readonly cursor: Cursor; readonly data: Withdrawal }
  | { readonly type: 'change'; readonly kind: 'prices'; readonly cursor: Cursor; readonly data: PriceSeries };

/** The hub's own merge; a controller goes by what it merges itself. */
export interface EffectiveStated { readonly type: 'effective'; readonly data: EffectiveTimeline }

/** As heartbeat.schema.json has it: an event of the stream, which OpenAPI does not list. */
export interface Heartbeat {
  siteId: string;
  epoch: string;
  sequence: string;
  at: string;
  upstreams: UpstreamHealth[];
  incomplete?: boolean;
  waitingFor?: string[];
}

/** The hub lives, and how well each publisher hears its utility. */
export interface HeartbeatHeard { readonly type: 'heartbeat'; readonly data: Heartbeat }

/** The line came up or went down. Going down is no silence yet: only time makes a stream stale. */
export interface LinkChanged { readonly type: 'link'; readonly up: boolean; readonly detail?: string; readonly retryInMs?: number }

export type HubMessage = SetStated | Change | EffectiveStated | HeartbeatHeard | LinkChanged;
