// The contract's own examples: what is valid is read, and what is not is refused whole.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { NotReadable, parse } from '../src/contract.js';

const EXAMPLES = new URL('../../../../contracts/v1/examples/', import.meta.url);
const KINDS = ['envelope', 'withdrawal', 'heartbeat', 'site-snapshot', 'site-envelopes', 'publication', 'price-series', 'effective-timeline'];

const files = KINDS.flatMap(kind => readdirSync(new URL(`${kind}/`, EXAMPLES)).flatMap(sort => readdirSync(new URL(`${kind}/${sort}/`, EXAMPLES)).map(file => ({ kind, sort, file }))));

test('there are examples', () => assert.ok(files.length > 80));

for (const { kind, sort, file } of files) {
  test(`${kind}/${sort}/${file}`, () => {
    const text = readFileSync(new URL(`${kind}/${sort}/${file}`, EXAMPLES), 'utf8');
    if (sort === 'valid') parse(text, `${kind}.schema.json`);
    else assert.throws(() => parse(text, `${kind}.schema.json`), NotReadable);
  });
}

test('a member that is there twice and what is no JSON are refused', () => {
  const valid = readFileSync(new URL('envelope/valid/required-members-only.json', EXAMPLES), 'utf8');
  parse(valid, 'envelope.schema.json');
  for (const text of [valid.replace('"revision"', '"revision": 1, "revision"'), valid.replace('{', '{,'), `${valid}x`, 'NaN', '[1', '[1,]', '01', '"\\x"', '['.repeat(100_000), '{"__proto__":1,"__proto__":2}']) {
    assert.throws(() => parse(text, 'envelope.schema.json'), NotReadable);
  }
});
