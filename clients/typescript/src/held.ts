import type { Change } from './messages.js';
import type { Envelope, EnvelopeTarget, PriceSeries, SiteEnvelopes, StreamId, Withdrawal } from './models.js';

/**
 * What a controller holds of its site: enough to go on alone. As JSON it is the file that survives a restart without the hub, the same as that of the .NET SDK.
 * `retained` are envelopes of a history that the hub lost, in force until their publishers have restated.
 */
export interface HeldSet {
  readonly siteId: string;
  readonly cursor?: string;
  readonly envelopes: readonly Envelope[];
  readonly withdrawn: readonly Withdrawal[];
  readonly prices: readonly PriceSeries[];
  readonly retained: readonly Envelope[];
  readonly rewoundFrom?: string;
  readonly clockAheadMs?: number;
  readonly writtenAt?: string;
  readonly neverWhole?: boolean;
  readonly hub?: string;
  readonly failsafes: readonly { readonly envelope: Envelope; readonly enteredAt: string }[];
  readonly losses: readonly { readonly stream: StreamId; readonly since: string }[];
}

type Placed = { target: EnvelopeTarget; stream: StreamId };

export const emptySet = (siteId: string): HeldSet => ({ siteId, envelopes: [], withdrawn: [], prices: [], retained: [], failsafes: [], losses: [] });

/** Service and key of what is stated. */
export const streamOf = (said: { stream: StreamId }): string => `${said.stream.service}/${said.stream.key}`;

/** What an envelope or a withdrawal replaces: target and stream. No identifier has a slash. */
export const keyOf = (said: Placed): string => `${said.target.kind}/${said.target.id}/${streamOf(said)}`;

/** The set after a change. A revision that is not higher than the one held, live or withdrawn, changes nothing. */
export function after(held: HeldSet, change: Change): HeldSet {
  if (change.kind === 'prices') {
    const said = change.data;
    const others = held.prices.filter(p => streamOf(p) !== streamOf(said));
    return said.revision <= highest(held.prices.filter(p => streamOf(p) === streamOf(said))) ? held : { ...held, prices: [...others, said] };
  }
  const key = keyOf(change.data);
  if (change.data.revision <= highest([...held.envelopes, ...held.withdrawn].filter(e => keyOf(e) === key))) return held;
  const envelopes = held.envelopes.filter(e => keyOf(e) !== key);
  const withdrawn = held.withdrawn.filter(w => keyOf(w) !== key);
  return change.kind === 'envelope' ? { ...held, envelopes: [...envelopes, change.data], withdrawn } : { ...held, envelopes, withdrawn: [...withdrawn, change.data] };
}

/** Of what is held, all that a set neither states nor withdraws in the same or a higher revision; of each stream the highest. */
export function notRestated(held: HeldSet, stated: SiteEnvelopes): Envelope[] {
  const known = [...stated.envelopes, ...(stated.withdrawn ?? [])];
  const kept = new Map<string, Envelope>();
  for (const envelope of allOf(held)) {
    const key = keyOf(envelope);
    const before = kept.get(key);
    if (!known.some(k => keyOf(k) === key && k.revision >= envelope.revision) && (!before || envelope.revision > before.revision)) kept.set(key, envelope);
  }
  return [...kept.values()];
}

/** The set without the retained envelopes that a change restates. */
export function restate(held: HeldSet, change: Change): HeldSet {
  if (held.retained.length === 0 || change.kind === 'prices') return held;
  const said = change.data;
  return { ...held, retained: held.retained.filter(e => !(keyOf(e) === keyOf(said) && said.revision >= e.revision)) };
}

/** Retained envelopes of streams that are not stated at all any more. */
export const alone = (held: HeldSet): Envelope[] => held.retained.filter(e => !isStated(held, e));

/** Retained envelopes as they are merged: beside a live revision of the same stream under a name of their own, so that neither hides the other. */
export const retainedAsMerged = (held: HeldSet): Envelope[] => held.retained.map(e => (isStated(held, e) ? renamed(e, '~held') : e));

/** True where a stream is followed as it was last stated in another history. */
export const keeps = (held: HeldSet, key: string): boolean => held.retained.some(e => keyOf(e) === key);

/** Everything that is followed. */
export const allOf = (held: HeldSet): Envelope[] => [...held.retained, ...held.envelopes];

/** The envelope under a stream of its own name. */
export const renamed = (envelope: Envelope, suffix: string): Envelope => ({ ...envelope, stream: { ...envelope.stream, key: envelope.stream.key + suffix } });

const isStated = (held: HeldSet, retained: Envelope): boolean => held.envelopes.some(e => keyOf(e) === keyOf(retained));

const highest = (items: readonly { revision: number }[]): number => items.reduce((most, item) => Math.max(most, item.revision), 0);
