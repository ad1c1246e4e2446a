export interface SseEvent { readonly name: string; readonly id?: string; readonly data: string }

/** Server-Sent Events, as the HTML standard has them parsed (section 9.2.6). Takes bytes as they come; an event of more than `mostCharacters` is an error. */
export class SseParser {
  private readonly decoder = new TextDecoder('utf-8', { fatal: true });
  private rest = '';
  private name = '';
  private data: string[] = [];
  private size = 0;
  private lastId?: string;

  constructor(private readonly mostCharacters = 16 * 1024 * 1024) {}

  /** The events that these bytes complete. Throws for what is no text, or too long. */
  feed(chunk: Uint8Array): SseEvent[] {
    this.rest += this.decoder.decode(chunk, { stream: true });
    const events: SseEvent[] = [];
    let from = 0;
    for (;;) {
      const end = this.rest.slice(from).search(/[\r\n]/) + from;
      // A carriage return that came last may have its line feed yet to come.
      if (end < from || (this.rest[end] === '\r' && end + 1 === this.rest.length)) break;
      const line = this.rest.slice(from, end);
      from = end + (this.rest[end] === '\r' && this.rest[end + 1] === '\n' ? 2 : 1);
      if (line) this.take(line);
      else {
        if (this.data.length > 0) events.push({ name: this.name || 'message', id: this.lastId, data: this.data.join('\n') });
        [this.name, this.data, this.size] = ['', [], 0];
      }
    }
    this.rest = this.rest.slice(from);
    if (this.size + this.rest.length > this.mostCharacters) throw new RangeError(`an event of more than ${this.mostCharacters} characters`);
    return events;
  }

  private take(line: string): void {
    const colon = line.indexOf(':');
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    this.size += line.length;
    if (name === 'event') this.name = value;
    else if (name === 'data') this.data.push(value);
    else if (name === 'id' && !value.includes('\0')) this.lastId = value;
  }
}
