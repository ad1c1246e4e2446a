// What limits say of themselves, what they cost, and which settings are none.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SiteSession, type Options, type SessionOptions } from '../src/index.js';
import { merge } from '../src/merge.js';
import type { Envelope } from '../src/models.js';
import { SECOND } from '../src/times.js';
import { NOW, envelope, limitsOf, spans } from './samples.js';

test('a quantity or a failsafe that is none is refused', () => {
  for (const isKnown of [true, false]) {
    const now = limitsOf([], NOW, isKnown);
    for (const [quantity, failsafe] of [['importLimitKW', 1], ['connect', 1], ['importLimitW', NaN], ['importLimitW', Infinity], ['importLimitW', -1], ['importLimitW', '4200']]) {
      assert.throws(() => now.most(quantity as never, failsafe as never), RangeError);
    }
    assert.equal(now.most('L1.importLimitA', 4.5), isKnown ? null : 4.5);
  }
});

// Each reading of a segment's limits counts: `seen` is how many turns were laid out.
function counting(count: number): { envelope: Envelope; read: () => number } {
  let reads = 0;
  const segments = spans(count, () => ({})).map((segment, n) => ({ ...segment, limits: Object.defineProperty({}, 'importLimitW', { enumerable: true, get: () => { reads++; return 2 + n; } }) }));
  return { envelope: envelope({ importLimitW: 1 }, segments), read: () => reads };
}

test('a long schedule says what it did', () => {
  const segments = merge([envelope({ importLimitW: 1 }, spans(100, n => ({ importLimitW: 2 + n }))), envelope({ importLimitW: 50 }, spans(9, () => ({ importLimitW: 0 })), 'B')], 'site', 'site-1', NOW);
  assert.deepEqual(segments.slice(16, 21).map(s => s.limits.importLimitW!.value), [0, 1, 11, 1, 12]);
  assert.equal(segments.length, 200);
});

test('what holds now and next is found without the rest', () => {
  const { envelope: long, read } = counting(1_024);
  const now = limitsOf([long]);
  assert.deepEqual([now.most('importLimitW', 0), now.next!.importLimitW!.value, now.until], [2, 1, '2027-01-15T18:00:01Z']);
  assert.equal(read(), 2);
  assert.equal(now.segments.length, 2_048);
  assert.deepEqual(now.segments[1].until, NOW + 2n * SECOND);
});

test('nothing is merged anew until something changes', () => {
  const { envelope: long, read } = counting(3);
  const pv = { ...envelope({ exportLimitW: 1 }, spans(1, () => ({ exportLimitW: 0 }))), target: { kind: 'pv', id: 'inv1' } } as Envelope;
  const told = limitsOf([long, pv]);
  assert.ok(!told.saysSameAs(undefined));
  assert.ok(limitsOf([{ ...long }, pv]).saysSameAs(told));
  const before = read();
  assert.ok(limitsOf([long, pv], NOW + SECOND - 1n).saysSameAs(told));
  assert.equal(read(), before);
  assert.ok(!limitsOf([long, pv], NOW + SECOND).saysSameAs(told));
  assert.ok(!limitsOf([long, envelope({ importLimitW: 0 }, [], 'B')]).saysSameAs(told));
  assert.ok(!limitsOf([long, pv], NOW, false).saysSameAs(told));
});

const create = (options: Partial<SessionOptions>): SiteSession => new SiteSession({ hub: { hub: 'http://hub', token: 't', siteId: 'site-1' }, ...options });

test('settings that no limits can be read of are refused', () => {
  const rule = { staleAfter: 'PT2M', onStale: 'failsafe', limits: { importLimitW: 1 } } as const;
  const bad = [{ import_limit_w: 4200 }, { importLimitW: NaN }, { importLimitW: -1 }, { importLimitW: '4200' }, { importLimitW: undefined }, { importLimitW: 1.5 }, { perPhase: { L4: {} } }, 4200];
  for (const limits of bad) {
    assert.throws(() => create({ failsafe: { initLimits: limits } as never }), RangeError, JSON.stringify(limits));
    assert.throws(() => create({ failsafe: { default: { ...rule, limits } } as never }), RangeError, JSON.stringify(limits));
  }
  for (const wrong of [{}, { onStale: 'holdSchedule' }, { ...rule, staleAfter: 'PT0S' }, { ...rule, staleAfter: '2 min' }, { ...rule, stale_after: 'PT1M' }, { ...rule, limits: null }]) {
    assert.throws(() => create({ failsafe: { default: wrong } as unknown as Options }), RangeError, JSON.stringify(wrong));
  }
  assert.equal(create({ failsafe: { initLimits: { importLimitW: 7 }, default: undefined } }).limits.most('importLimitW', 0), 7);
});

test('waits and names that are none are refused', () => {
  for (const wrong of [{ siteId: '' }, { idleLimitMs: 0 }, { longestRetryMs: -1 }, { firstRetryMs: NaN }, { requestTimeoutMs: Infinity }, { mostBytes: 0 }]) {
    assert.throws(() => create({ hub: { hub: 'http://hub', token: 't', siteId: 'site-1', ...wrong } }), RangeError, JSON.stringify(wrong));
  }
  assert.throws(() => create({ tickMs: 0 }), RangeError);
});
