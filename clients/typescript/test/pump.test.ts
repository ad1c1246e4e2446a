// Who is told of limits, how often, and what keeps nobody from it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SiteSession } from '../src/index.js';
import { LimitsPump, type PumpOptions } from '../src/pump.js';
import { ends, envelope, limitsOf } from './samples.js';

class Rig {
  holds = 0;
  readonly called: (number | null)[] = [];
  readonly notices: string[] = [];
  readonly over = new AbortController();
  readonly pump: LimitsPump;

  constructor(handler: (rig: Rig, nth: number) => void | Promise<void>, options: Partial<PumpOptions> = {}) {
    this.pump = new LimitsPump(() => limitsOf([envelope({ importLimitW: this.holds })]), now => {
      this.called.push(now.most('importLimitW', 0));
      return handler(this, this.called.length);
    }, text => this.notices.push(text), this.over.signal, { tickMs: 1, firstPauseMs: 1, longestPauseMs: 3_600_000, ...options });
  }
}

test('a handler that failed is called again though what was told before holds again', async () => {
  const rig = new Rig((r, nth) => {
    if (nth === 1) r.holds = 10_000;
    if (nth === 2) {
      r.holds = 0;
      throw new Error('the second inverter is away');
    }
    if (nth === 3) r.over.abort();
  });
  await ends(rig.pump.run());
  assert.deepEqual(rig.called, [0, 10_000, 0]);
  assert.match(rig.notices[0], /the second inverter is away/);
});

test('limits that come during the pause do not wait for its end', async () => {
  const rig = new Rig(async (r, nth) => {
    if (nth > 1) return r.over.abort();
    r.holds = 5_000;
    throw new Error('away');
  }, { firstPauseMs: 3_600_000 });
  await ends(rig.pump.run());
  assert.deepEqual(rig.called, [0, 5_000]);
});

test('a handler that does not return is told once, and keeps no run from its end', async () => {
  const rig = new Rig(() => new Promise<void>(() => undefined), { patienceMs: 1, lastWaitMs: 1 });
  const told = new Promise<void>(done => { rig.notices.push = text => { Array.prototype.push.call(rig.notices, text); done(); return 1; }; });
  const running = rig.pump.run();
  await ends(told);
  rig.over.abort();
  await ends(running);
  assert.equal(rig.notices.length, 1);
  assert.match(rig.notices[0], /has not returned/);
});

test('a session ends though its handler does not return', async () => {
  const session = new SiteSession({ hub: { hub: 'http://127.0.0.1:1', token: 't', siteId: 'site-1' }, onLimits: () => { session.stop(); return new Promise(() => undefined); } });
  await ends(session.run());
});

// Node ends a process for a promise that nobody looks after.
test('a notice that fails, at once or later, is the listener\'s own', async () => {
  const unhandled: unknown[] = [];
  const keep = (fault: unknown): void => { unhandled.push(fault); };
  process.on('unhandledRejection', keep);
  for (const onNotice of [async () => { throw new Error('the log is away'); }, () => { throw new Error('the log is away'); }]) {
    let heard = 0;
    const session = new SiteSession({
      hub: { hub: 'http://127.0.0.1:1', token: 't', siteId: 'site-1', firstRetryMs: 1, longestRetryMs: 1 },
      onNotice: () => { if (++heard === 3) session.stop(); return onNotice(); },
    });
    await ends(session.run());
    assert.ok(heard >= 3);
  }
  await new Promise(done => { setImmediate(done); });
  process.off('unhandledRejection', keep);
  assert.deepEqual(unhandled, []);
});
