import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { NotReadable, requireValid } from './contract.js';
import { emptySet, type HeldSet } from './held.js';
import { words } from './hub.js';
import { parseJson } from './json.js';
import { Cursor } from './messages.js';
import { parseInstant } from './times.js';

/**
 * The set of the file; undefined where there is none or it can't be used (then it is told why). `keepOther`: what another hub stated is told and taken all the same.
 * The file is the JSON in one line, below it its SHA-256; the .NET SDK's has the same form.
 */
export function readState(path: string, siteId: string, hub: string, keepOther: boolean, notice: (text: string) => void): HeldSet | undefined {
  try {
    const held = parseState(readFileSync(path), siteId);
    if (held.hub === undefined || held.hub.toLowerCase() === hub.toLowerCase()) return held;
    const why = `what it holds was stated by the hub at '${held.hub}', not by '${hub}'`;
    notice(keepOther ? `${path} is used, though ${why}: there are no limits to begin with instead` : `${path} can't be used, starting without it: ${why}`);
    return keepOther ? held : undefined;
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code !== 'ENOENT') notice(`${path} can't be used, starting without it: ${words(fault)}`);
    return undefined;
  }
}

/** On the disk when it returns. Written beside and moved in place, so that a cut or a full disk leaves the old one. */
export function writeState(path: string, held: HeldSet): void {
  const text = JSON.stringify(held);
  const beside = `${path}.new`;
  const file = openSync(beside, 'w');
  try {
    try {
      writeFileSync(file, `${text}\nsha256:${sha256(text)}\n`); // writeSync may write less than all of it, and not fail
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(beside, path);
  } catch (fault) {
    rmSync(beside, { force: true });
    throw fault;
  }
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

function parseState(bytes: Buffer, siteId: string): HeldSet {
  const all = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  const end = all.lastIndexOf('\nsha256:');
  const text = end < 0 ? all : all.slice(0, end);
  if (end >= 0 && all.slice(end + 1) !== `sha256:${sha256(text)}\n`) throw new NotReadable('it was changed since it was written (its hash does not fit)');
  const read = parseJson(text) as HeldSet;
  const held: HeldSet = { ...emptySet(siteId), ...read };
  if (read?.siteId !== siteId) throw new NotReadable(`it is of site '${read?.siteId}', not of '${siteId}'`);
  if (!Cursor.parse(held.cursor)) throw new NotReadable("it names no place in the hub's log (cursor)");
  for (const envelope of [...held.envelopes, ...held.retained, ...held.failsafes.map(f => f.envelope)]) requireValid(envelope, 'envelope.schema.json');
  for (const withdrawal of held.withdrawn) requireValid(withdrawal, 'withdrawal.schema.json');
  for (const at of [...held.failsafes.map(f => f.enteredAt), ...held.losses.map(l => l.since), ...(held.writtenAt ? [held.writtenAt] : [])]) parseInstant(at);
  return held;
}
