/** What is read is no JSON, or JSON that does not fit the contract. */
export class NotReadable extends Error {}

const DEEPEST = 64;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\.)*"/y;
const BLANK = /[ \t\n\r]*/y;

/** Strict JSON: no member twice, no nesting beyond 64, and no whole number that a double would change. */
export function parseJson(text: string): unknown {
  const reader = new Reader(text);
  const value = reader.value(0);
  reader.end();
  return value;
}

class Reader {
  private at = 0;

  constructor(private readonly text: string) {}

  value(depth: number): unknown {
    if (depth > DEEPEST) throw new NotReadable('JSON that is nested too deep');
    this.match(BLANK);
    const first = this.text[this.at];
    if (first === '{') return this.object(depth);
    if (first === '[') return this.array(depth);
    if (first === '"') return this.string();
    for (const [word, value] of [['true', true], ['false', false], ['null', null]] as const) {
      if (this.text.startsWith(word, this.at)) {
        this.at += word.length;
        return value;
      }
    }
    return this.number();
  }

  end(): void {
    this.match(BLANK);
    if (this.at < this.text.length) this.fail();
  }

  private object(depth: number): Record<string, unknown> {
    const read: Record<string, unknown> = Object.create(null);
    this.items('}', () => {
      this.match(BLANK);
      const name = this.string();
      if (name in read) throw new NotReadable(`member ${name} is there twice`);
      this.take(':');
      read[name] = this.value(depth + 1);
    });
    return read;
  }

  private array(depth: number): unknown[] {
    const read: unknown[] = [];
    this.items(']', () => read.push(this.value(depth + 1)));
    return read;
  }

  private items(end: string, read: () => void): void {
    this.at++;
    this.match(BLANK);
    if (this.text[this.at] !== end) {
      do read(); while (this.isNext(','));
    }
    this.take(end);
  }

  private isNext(mark: string): boolean {
    this.match(BLANK);
    if (this.text[this.at] !== mark) return false;
    this.at++;
    return true;
  }

  private take(mark: string): void {
    if (!this.isNext(mark)) this.fail();
  }

  private string(): string {
    const found = this.match(STRING);
    try {
      return JSON.parse(found || '?') as string;
    } catch {
      return this.fail();
    }
  }

  private number(): number {
    const found = this.match(NUMBER);
    if (!found) return this.fail();
    const value = Number(found);
    if (!Number.isFinite(value) || (/^-?\d+$/.test(found) && BigInt(found) !== BigInt(value))) throw new NotReadable(`${found} is too large`);
    return value;
  }

  private match(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0] ?? '';
    this.at += found.length;
    return found;
  }

  private fail(): never {
    throw new NotReadable(`no JSON at character ${this.at}`);
  }
}
