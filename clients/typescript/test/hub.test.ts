// The line to the hub: what is sent, what is told of it, and who it is that answers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HubLine, type HubOptions } from '../src/hub.js';
import { Cursor } from '../src/messages.js';
import { ends } from './samples.js';

class Hub {
  readonly asked: string[] = [];
  readonly tokens: (string | null)[] = [];
  answer = (): Response => new Response('<html>no such page</html>', { status: 404 });

  line(options: Partial<HubOptions> = {}): HubLine {
    const fetch = async (url: string, init: RequestInit): Promise<Response> => {
      this.asked.push(url);
      this.tokens.push(new Headers(init.headers).get('authorization'));
      return this.answer();
    };
    return new HubLine({ hub: 'http://hub', token: 't', siteId: 'site-1', fetch: fetch as typeof globalThis.fetch, ...options });
  }

  /** Why the line is down, and after how long it is tried again. */
  async down(line: HubLine, held?: Cursor): Promise<{ detail?: string; retryInMs?: number }> {
    for await (const message of line.subscribe(() => undefined, () => held)) if (message.type === 'link' && !message.up) return message;
    throw new Error('it never went down');
  }
}

test('a token of a file goes without its line end, and no other is told', async () => {
  const hub = new Hub();
  await ends(hub.down(hub.line({ token: async () => 'secret\r\n' })));
  assert.deepEqual(hub.tokens, ['Bearer secret']);
  for (const token of ['sec\nsecret', 'secret\0', 'secret secret', 'sécret-secret', '']) {
    const { detail } = await ends(hub.down(hub.line({ token })));
    assert.match(detail!, /token/);
    assert.doesNotMatch(detail!, /secret/);
  }
  assert.equal(hub.tokens.length, 1);
});

test('what is not said is as it is by default', async () => {
  const hub = new Hub();
  const unset = { idleLimitMs: undefined, requestTimeoutMs: undefined, firstRetryMs: undefined, longestRetryMs: undefined, mostBytes: undefined };
  const { retryInMs } = await ends(hub.down(hub.line(unset)));
  assert.ok(retryInMs! >= 400 && retryInMs! <= 600, String(retryInMs));
});

// The cursor was not seen: the hub must not be asked for the whole set as though it had been.
test('a page of something between is no word of the hub\'s', async () => {
  const hub = new Hub();
  const held = Cursor.parse('E.7');
  for (const [status, body] of [[404, '<html>'], [410, '{"title":"Gone"}'], [200, '<html>']] as const) {
    hub.answer = () => new Response(body, { status });
    await ends(hub.down(hub.line(), held));
  }
  assert.deepEqual(hub.asked.map(url => url.includes('since=E.7')), [true, true, true]);
  hub.answer = () => Response.json({ type: 'urn:gridservices:problem:CURSOR_GONE', title: 'Gone', status: 410 }, { status: 410 });
  assert.match((await ends(hub.down(hub.line(), held))).detail!, /410: Gone/);
  assert.ok(hub.asked.at(-1)!.endsWith('/stream'));
});
