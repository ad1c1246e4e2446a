// The scripts of contracts/v1/scripts, step by step: the same that the .NET SDK is held to.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import type { HeldSet } from '../src/held.js';
import { needsSet, toPersist, type Holding, type Moment, type Options } from '../src/holding.js';
import { apply, limitsAt, start, tick } from '../src/machine.js';
import type { Bounds } from '../src/merge.js';
import { Cursor, type HubMessage } from '../src/messages.js';
import { parseInstant } from '../src/times.js';

const FOLDER = new URL('../../../../contracts/v1/scripts/', import.meta.url);

interface Step { wall: string; monotonicMs: number; then?: unknown; persists?: HeldSet; set?: any; change?: any; heartbeat?: any; effective?: any }
interface Script { name: string; siteId: string; options: Options; persisted: HeldSet | null; steps: Step[] }

const scripts = readdirSync(FOLDER).filter(f => f.startsWith('failsafe')).flatMap(f => JSON.parse(readFileSync(new URL(f, FOLDER), 'utf8')) as Script[]);

test('there are scripts', () => assert.ok(scripts.length > 150));

for (const script of scripts) test(script.name, () => play(script));

function play(script: Script): void {
  let state: Holding | undefined;
  let then: unknown;
  script.steps.forEach((step, number) => {
    const now = { wall: parseInstant(step.wall), monotonic: BigInt(step.monotonicMs) * 1_000_000n };
    const message = read(step);
    state = !state ? start(script.siteId, script.persisted ?? undefined, script.options, now) : message ? apply(state, message, now) : tick(state, now);
    then = step.then ?? then;
    assert.deepEqual(summarise(state, now), then, `step ${number}`);
    if (step.persists) assert.deepEqual(inOrder(toPersist(state, now)), inOrder(step.persists), `what step ${number} writes down`);
  });
}

function read({ set, change, heartbeat, effective }: Step): HubMessage | undefined {
  if (set) return { type: 'set', cursor: Cursor.parse(set.cursor)!, data: set.data, asked: set.asked };
  if (change) {
    const kind = (['envelope', 'withdrawal', 'prices'] as const).find(k => change[k])!;
    return { type: 'change', kind, cursor: Cursor.parse(change.cursor)!, data: change[kind] };
  }
  return heartbeat ? { type: 'heartbeat', data: heartbeat } : effective ? { type: 'effective', data: effective } : undefined;
}

function summarise(state: Holding, now: Moment): unknown {
  const limits = limitsAt(state, now);
  return {
    phase: limits.phase, isKnown: limits.isKnown, needsSet: needsSet(state), mostImportW: limits.most('importLimitW', 4_200), mostExportW: limits.most('exportLimitW', 0),
    limits: told(limits.limits), until: limits.until ?? null, next: limits.next ? told(limits.next) : null, streams: limits.streams.map(s => `${s.stream} ${s.phase}`),
  };
}

const told = (bounds: Bounds): unknown => Object.fromEntries(Object.entries(bounds).map(([quantity, b]) => [quantity, [b.value, `${b.boundBy.service}/${b.boundBy.key}`]]));

// As it comes out of the file: without what is undefined, and lists that have no order sorted.
function inOrder(held: HeldSet): unknown {
  const plain = JSON.parse(JSON.stringify(held)) as Record<string, unknown>;
  for (const [name, value] of Object.entries(plain)) {
    if (Array.isArray(value) && value.length === 0) delete plain[name];
    else if (name === 'failsafes' || name === 'losses') (value as unknown[]).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
  return plain;
}
