import { NotReadable, parse } from './contract.js';
import { readEvent, readSet } from './events.js';
import { Cursor, type HubMessage, type SetStated } from './messages.js';
import type { PublishResult, ReadingInput, ReceiptInput } from './models.js';
import { SseParser } from './sse.js';

const PROBLEM = 'urn:gridservices:problem:';

/**
 * The hub refused a request, or did not answer it; the message says what and why. `mayPass`: the same request may succeed later, by the status alone.
 * `isOfAnother`: something between answered instead of the hub, such as a portal's page; it says nothing about the request.
 */
export class HubError extends Error {
  constructor(message: string, readonly status?: number, readonly isOfAnother = false) {
    super(message);
  }

  /** True where the same request may succeed later: overload, restart, no answer of the hub, a token about to be changed. */
  get isPassing(): boolean {
    return this.isOfAnother || this.mayPass;
  }

  get mayPass(): boolean {
    return this.status === undefined || [401, 403, 408, 429].includes(this.status) || this.status >= 500;
  }
}

/**
 * Where the hub is and how patiently it is asked; milliseconds. `token` is a text, or a function that gives one (it is asked for each request); white space around it, such as a file's line end,
 * is cut off.
 */
export interface HubOptions {
  readonly hub: string;
  readonly token: string | (() => string | Promise<string>);
  readonly siteId: string;
  readonly idleLimitMs?: number;
  readonly requestTimeoutMs?: number;
  readonly firstRetryMs?: number;
  readonly longestRetryMs?: number;
  readonly mostBytes?: number;
  /** Transport; undefined: the platform's `fetch`. Give one for mutual TLS. */
  readonly fetch?: typeof fetch;
}

class Silence extends Error {}

/** One site's line to the hub: the subscription that never ends by itself, the questions beside it, and feedback. Knows nothing of fail-safe; `SiteSession` puts both together. */
export class HubLine {
  private readonly over = new AbortController();
  private readonly site: string;
  private readonly options: Required<HubOptions>;

  /** Throws `RangeError` for a wait or a bound that is not finite and above 0, and for no site; `TypeError` for no address. */
  constructor(options: HubOptions) {
    if (!options.siteId) throw new RangeError('siteId is empty');
    this.options = {
      ...options,
      idleLimitMs: positive('idleLimitMs', options.idleLimitMs ?? 40_000),
      requestTimeoutMs: positive('requestTimeoutMs', options.requestTimeoutMs ?? 15_000),
      firstRetryMs: positive('firstRetryMs', options.firstRetryMs ?? 500),
      longestRetryMs: positive('longestRetryMs', options.longestRetryMs ?? 30_000),
      mostBytes: positive('mostBytes', options.mostBytes ?? 16 * 1024 * 1024),
      fetch: options.fetch ?? globalThis.fetch,
    };
    this.site = `${options.hub.replace(/\/+$/, '')}/v1/sites/${encodeURIComponent(options.siteId)}`;
    new URL(this.site);
  }

  /** Host and port of the hub. */
  get authority(): string {
    return new URL(this.site).host;
  }

  /** Ends all that is under way. */
  close(): void {
    this.over.abort();
  }

  /**
   * Everything the hub says about the site, until closed: opens the stream, and when it ends, breaks or falls silent opens it again after a growing wait.
   * `resumeFrom` is asked before every opening: the cursor to go on from, undefined for the whole set; `held` then for the cursor that is shown to the hub all the same.
   */
  async *subscribe(resumeFrom: () => Cursor | undefined, held: () => Cursor | undefined = () => undefined): AsyncGenerator<HubMessage> {
    let failures = 0;
    let trusted = true; // after something unreadable the cursor is not relied on
    while (!this.over.signal.aborted) {
      let end = 'the hub ended the stream';
      const stream = this.readStream(trusted ? resumeFrom() : undefined, held());
      try {
        for (;;) {
          let next: IteratorResult<HubMessage>;
          try {
            next = await stream.next();
          } catch (fault) {
            end = fault instanceof Silence ? 'the hub fell silent' : words(fault);
            trusted &&= !(fault instanceof NotReadable || fault instanceof RangeError || (fault instanceof HubError && (fault.status === undefined || !fault.mayPass)));
            break;
          }
          if (next.done) break;
          failures = next.value.type === 'link' ? failures : 0;
          trusted ||= next.value.type === 'set';
          yield next.value;
        }
      } finally {
        await stream.return(undefined);
      }
      if (this.over.signal.aborted) return;
      failures++;
      const wait = Math.min(this.options.firstRetryMs * 2 ** Math.min(failures - 1, 30), this.options.longestRetryMs) * (0.8 + 0.4 * Math.random());
      yield { type: 'link', up: false, detail: end, retryInMs: wait };
      await pause(wait, this.over.signal);
    }
  }

  /** All that is live, at a cursor. */
  async getSet(): Promise<SetStated> {
    return readSet(await this.ask('GET', '/envelopes'));
  }

  /** Shows the hub a cursor that it gave out: one that is ahead of its log tells it that its store was set back. */
  async showCursor(cursor: string): Promise<void> {
    // A page that something between answers with shows that the hub has not seen it.
    parse(await this.ask('GET', `/envelopes?since=${encodeURIComponent(cursor)}&wait=PT0S`), 'site-envelopes.schema.json');
  }

  /** Tells the hub what became of envelopes; one result per receipt. Idempotent. */
  sendReceipts(receipts: readonly ReceiptInput[]): Promise<PublishResult[]> {
    return this.send('/receipts', receipts);
  }

  /** Tells the hub what was measured; one result per reading. Idempotent by site, asset and instant. */
  sendReadings(readings: readonly ReadingInput[]): Promise<PublishResult[]> {
    return this.send('/telemetry', readings);
  }

  private async send(path: string, items: readonly unknown[]): Promise<PublishResult[]> {
    const body = await this.ask('POST', path, JSON.stringify(items));
    let results: unknown;
    try {
      results = (JSON.parse(body) as { results?: unknown }).results;
    } catch {
      // Told below.
    }
    if (!Array.isArray(results) || results.length !== items.length) {
      throw new HubError("an answer came, but not as the hub's, with one result per item: something between may have answered for it", undefined, true);
    }
    return results as PublishResult[];
  }

  private async *readStream(from: Cursor | undefined, held: Cursor | undefined): AsyncGenerator<HubMessage> {
    if (!from && held) await this.show(held);
    const line = new AbortController();
    const end = (): void => line.abort();
    this.over.signal.addEventListener('abort', end);
    const idle = new Deadline(this.options.idleLimitMs, line);
    try {
      const response = await idle.guard(this.request('GET', '/stream', line.signal, { Accept: 'text/event-stream', ...(from ? { 'Last-Event-ID': from.toString() } : {}) }));
      const type = response.headers.get('content-type')?.split(';')[0].trim();
      if (response.status !== 200 || type !== 'text/event-stream') {
        throw response.status >= 300 ? await this.refusal(response) : new NotReadable(`the hub answered ${type} where a stream of events was asked for`);
      }
      yield { type: 'link', up: true };
      yield* this.messages(response, from, idle);
    } finally {
      idle.end();
      line.abort();
      this.over.signal.removeEventListener('abort', end);
    }
  }

  private async *messages(response: Response, from: Cursor | undefined, idle: Deadline): AsyncGenerator<HubMessage> {
    const [parser, reader] = [new SseParser(this.options.mostBytes), response.body!.getReader()];
    let [last, opening] = [from, true];
    for (;;) {
      const { done, value } = await idle.guard(reader.read());
      if (done) return;
      for (const event of decode(parser, value)) {
        idle.reset();
        let message = readEvent(event.name, event.id, event.data);
        if (message && misses(message, last)) {
          // Something between is missing: state the whole set first; what is older than it changes nothing any more.
          const stated = await this.getSet();
          last = stated.cursor;
          yield stated;
        }
        if (message?.type === 'set' && opening) message = { ...message, asked: true };
        opening &&= message === undefined;
        if (message?.type === 'set' || (message?.type === 'change' && (!last || last.epoch !== message.cursor.epoch || message.cursor.sequence > last.sequence))) last = message.cursor;
        if (message) yield message;
      }
    }
  }

  private async show(cursor: Cursor): Promise<void> {
    try {
      await this.showCursor(cursor.toString());
    } catch (answered) {
      if (!(answered instanceof HubError) || answered.isPassing) throw answered; // else it was seen, whatever the hub thinks of it
    }
  }

  private async ask(method: string, path: string, body?: string): Promise<string> {
    const late = new AbortController();
    const deadline = new Deadline(this.options.requestTimeoutMs, late);
    try {
      const signal = AbortSignal.any([late.signal, this.over.signal]);
      const response = await deadline.guard(this.request(method, path, signal, body === undefined ? {} : { 'Content-Type': 'application/json' }, body));
      if (!response.ok) throw await this.refusal(response);
      return await deadline.guard(this.bounded(response));
    } catch (fault) {
      throw fault instanceof Silence ? new HubError(`the hub did not answer within ${this.options.requestTimeoutMs / 1000} s`) : fault;
    } finally {
      deadline.end();
    }
  }

  private async bounded(response: Response): Promise<string> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    const reader = response.body?.getReader();
    for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
      chunks.push(next.value);
      size += next.value.length;
      if (size > this.options.mostBytes) throw new HubError(`the hub's answer is longer than ${this.options.mostBytes} bytes`);
    }
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  }

  private async request(method: string, path: string, signal: AbortSignal, headers: Record<string, string>, body?: string): Promise<Response> {
    const token = (typeof this.options.token === 'string' ? this.options.token : await this.options.token()).trim();
    if (!/^[!-~]+$/.test(token)) throw new HubError("the token can't be sent as a header: it is empty, or has characters that are not visible ASCII"); // without it: this ends in a log
    return this.options.fetch(this.site + path, { method, headers: { Authorization: `Bearer ${token}`, ...headers }, body, signal, redirect: 'manual' });
  }

  private async refusal(response: Response): Promise<HubError> {
    let told: string | undefined;
    try {
      const problem = JSON.parse(await this.bounded(response)) as { type?: string; title?: string; detail?: string };
      if (String(problem?.type).startsWith(PROBLEM)) told = `: ${problem.detail ?? problem.title}`;
    } catch {
      // Not a problem document: a proxy's page, or nothing.
    }
    const words = told ?? ', and not as the hub does: something between may have answered for it';
    return new HubError(`the hub answered ${response.status}${words}`, response.status, told === undefined);
  }
}

/** Ends what waits too long. */
class Deadline {
  private timer?: NodeJS.Timeout;
  private cut?: (fault: Error) => void;

  constructor(private readonly limitMs: number, private readonly line: AbortController) {
    this.reset();
  }

  reset(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.cut?.(new Silence());
      this.line.abort();
    }, this.limitMs);
  }

  end(): void {
    clearTimeout(this.timer);
  }

  guard<T>(work: Promise<T>): Promise<T> {
    return new Promise<T>((done, fail) => {
      this.cut = fail;
      if (this.line.signal.aborted) fail(new Silence());
      work.then(done, fail);
    });
  }
}

function decode(parser: SseParser, chunk: Uint8Array): ReturnType<SseParser['feed']> {
  try {
    return parser.feed(chunk);
  } catch (fault) {
    throw new NotReadable(words(fault));
  }
}

// A change that does not follow the last one, or a heartbeat that knows of more than was seen.
function misses(message: HubMessage, last: Cursor | undefined): boolean {
  if (message.type === 'change') return !last || last.epoch !== message.cursor.epoch || message.cursor.sequence > last.sequence + 1n;
  const told = message.type === 'heartbeat' ? Cursor.parse(`${message.data.epoch}.${message.data.sequence}`) : undefined;
  return told !== undefined && last !== undefined && (told.epoch !== last.epoch || told.sequence > last.sequence);
}

/** The same; throws `RangeError` for what is no finite number above 0. */
export function positive(name: string, value: number): number {
  if (!Number.isFinite(value) || value <= 0) throw new RangeError(`${name} is a finite number above 0, not ${value}`);
  return value;
}

/** Resolves after so long, or when the signal is aborted. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(done => {
    const timer = setTimeout(finish, ms);
    signal.addEventListener('abort', finish, { once: true });
    function finish(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', finish);
      done();
    }
  });
}

/** What a fault says, with what is behind it: `fetch` hides why it failed. */
export function words(fault: unknown): string {
  if (!(fault instanceof Error)) return String(fault);
  return fault.cause instanceof Error ? `${fault.message}: ${fault.cause.message}` : fault.message;
}
