// Envelopes, limits and waiting to test with.
import { setTimeout as sleep } from 'node:timers/promises';
import { SiteLimits } from '../src/limits.js';
import type { Followed } from '../src/merge.js';
import type { Envelope, Limits } from '../src/models.js';
import { SECOND, formatInstant, parseInstant } from '../src/times.js';

export const NOW = parseInstant('2027-01-15T18:00:00Z');

/** Of the site, with these limits wherever no segment covers. */
export const envelope = (limits: Limits, segments: Envelope['segments'] = [], key = 'A'): Envelope => ({
  envelopeId: '01a223df-f2cc-7339-ae84-20da6c75186e', revision: 1, siteId: 'site-1', target: { kind: 'site', id: 'site-1' }, stream: { service: 'openadr', key }, tier: 'contractual',
  obligation: 'mandatory', segments, default: { limits },
} as Envelope);

/** So many segments of a second each from NOW on, with a second between each and the next; `limits` by number. */
export const spans = (count: number, limits: (n: number) => Limits): Envelope['segments'] => Array.from({ length: count }, (_, n) => ({
  from: formatInstant(NOW + BigInt(2 * n) * SECOND), until: formatInstant(NOW + BigInt(2 * n + 1) * SECOND), limits: limits(n),
}));

export const limitsOf = (followed: readonly Followed[], at = NOW, isKnown = true): SiteLimits =>
  new SiteLimits({ siteId: 'site-1', at, clockAhead: 0n, phase: isKnown ? 'controlled' : 'init', isKnown, streams: [], followed });

/** Fails where it does not end, instead of standing still. */
export async function ends<T>(work: Promise<T>): Promise<T> {
  const late = new AbortController();
  const tooLate = sleep(60_000, undefined, { signal: late.signal }).then(() => { throw new Error('it stands still'); }, () => new Promise<never>(() => undefined));
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    late.abort();
  }
}
