// Server-Sent Events as bytes cut them anywhere.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SseParser } from '../src/sse.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const TEXT = bytes('\ufeff: a comment\r\nid: E.1\r\nevent: snapshot\r\ndata: {\r\ndata:}\r\n\r\ndata: ä\n\nevent: empty\n\nid: a\0b\rdata:  two\r\revent:heartbeat\ndata\n\n');

test('the same events wherever bytes are cut', () => {
  for (const size of [1, 2, 3, 7, TEXT.length]) {
    const parser = new SseParser();
    const events = [];
    for (let at = 0; at < TEXT.length; at += size) events.push(...parser.feed(TEXT.subarray(at, at + size)));
    assert.deepEqual(events.map(e => [e.name, e.id, e.data]), [['snapshot', 'E.1', '{\n}'], ['message', 'E.1', 'ä'], ['message', 'E.1', ' two'], ['heartbeat', 'E.1', '']]);
  }
});

test('an event that is cut off is none', () => assert.deepEqual(new SseParser().feed(bytes('event: envelope\ndata: {}\n')), []));

test('an event without end and bytes that are no text are errors', () => {
  assert.throws(() => new SseParser(100).feed(bytes(`data: ${'x'.repeat(100)}`)));
  assert.throws(() => new SseParser(100).feed(bytes('data: xxxxxxxxx\n'.repeat(10))));
  assert.throws(() => new SseParser().feed(Uint8Array.from([...bytes('data: '), 0xff, 10, 10])));
});
