import { NotReadable, parse } from './contract.js';
import { Cursor, type Change, type HubMessage, type SetStated } from './messages.js';
import type { SiteEnvelopes } from './models.js';

const KINDS: Record<string, Change['kind']> = {
  'gridservices.envelope.published.v1': 'envelope', 'gridservices.envelope.withdrawn.v1': 'withdrawal', 'gridservices.prices.published.v1': 'prices',
};

/** One Server-Sent Event of the hub; undefined for a kind that this version doesn't know. Throws `NotReadable` for a known one that can't be read. */
export function readEvent(name: string, id: string | undefined, data: string): HubMessage | undefined {
  switch (name) {
    case 'snapshot': {
      const read = parse<SiteEnvelopes>(data, 'site-snapshot.schema.json');
      return { type: 'set', cursor: cursor(`${read.epoch}.${read.sequence}`), data: read, asked: false };
    }
    case 'envelope':
    case 'prices': {
      const at = cursor(id);
      const read = parse<{ type: string; data: never }>(data, 'publication.schema.json');
      return { type: 'change', kind: KINDS[read.type], cursor: at, data: read.data } as Change;
    }
    case 'effective': return { type: 'effective', data: parse(data, 'effective-timeline.schema.json') };
    case 'heartbeat': return { type: 'heartbeat', data: parse(data, 'heartbeat.schema.json') };
    default: return undefined;
  }
}

/** The answer to the question for the whole set. */
export function readSet(body: string): SetStated {
  const read = parse<SiteEnvelopes>(body, 'site-envelopes.schema.json');
  if (!read.complete) throw new NotReadable('the hub answered with changes where the whole set was asked for');
  return { type: 'set', cursor: cursor(`${read.epoch}.${read.sequence}`), data: read, asked: true };
}

function cursor(text: string | undefined): Cursor {
  const read = Cursor.parse(text);
  if (!read) throw new NotReadable(`'${text}' is no cursor`);
  return read;
}
