// The file that survives a restart: the old one stays until the new one is whole.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { emptySet } from '../src/held.js';
import { writeState } from '../src/stateFile.js';

const MODULE = new URL('../src/stateFile.js', import.meta.url).href;

function write(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'held-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeState(join(folder, 'held.json'), { ...emptySet('site-1'), cursor: 'E.1' });
  assert.match(readFileSync(join(folder, 'held.json'), 'utf8'), /^\{.*\}\nsha256:[0-9a-f]{64}\n$/);
  return folder;
}

test('what can\'t be moved in place leaves nothing beside', t => {
  const folder = write(t);
  assert.throws(() => writeState(folder, emptySet('site-1')));
  assert.ok(!existsSync(`${folder}.new`));
});

// By the system's limit of a file's size: it takes the first part, as a disk does that is nearly full.
test('what is written in part leaves the old one', { skip: process.platform === 'win32' }, t => {
  const folder = write(t);
  const before = readFileSync(join(folder, 'held.json'), 'utf8');
  const script = `import { writeState } from '${MODULE}';
    try { writeState(process.argv[1], { siteId: 'x'.repeat(100_000) }); console.log('written'); } catch (fault) { console.log(fault.code); }`;
  const run = spawnSync('sh', ['-c', 'ulimit -f 8 && exec "$0" "$@"', process.execPath, '--input-type=module', '-e', script, join(folder, 'held.json')], { encoding: 'utf8' });
  assert.equal(run.stdout.trim(), 'EFBIG', run.stderr);
  assert.equal(readFileSync(join(folder, 'held.json'), 'utf8'), before);
  assert.deepEqual(readdirSync(folder), ['held.json']);
});
