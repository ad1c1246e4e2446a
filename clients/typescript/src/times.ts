/** Instants and durations as contract v1 writes them; both are whole nanoseconds here, instants since 1970-01-01T00:00:00Z. */
export const SECOND = 1_000_000_000n;

const INSTANT = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?Z$/;
const DURATION = /^P(?=.)(?:(\d{1,9})D)?(?:T(?=.)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})(?:\.(\d{1,9}))?S)?)?$/;
const LONGEST = 366n * 86_400n * SECOND;

/** RFC 3339 in UTC; throws for anything else, February 30 too. */
export function parseInstant(text: string): bigint {
  const match = INSTANT.exec(text);
  const ms = match ? Date.UTC(+match[1], +match[2] - 1, +match[3], +match[4], +match[5], +match[6]) : NaN;
  if (!match || Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 19) !== text.slice(0, 19)) throw new RangeError(`'${text}' is no instant`);
  return BigInt(ms) * 1_000_000n + BigInt((match[7] ?? '').padEnd(9, '0'));
}

/** The same instant as text, with as many digits after the point as it needs. */
export function formatInstant(at: bigint): string {
  const rest = ((at % SECOND) + SECOND) % SECOND;
  const text = new Date(Number((at - rest) / 1_000_000n)).toISOString().slice(0, 19);
  return `${text}${rest ? `.${rest.toString().padStart(9, '0').replace(/0+$/, '')}` : ''}Z`;
}

/** ISO 8601 in days, hours, minutes and seconds, 366 days at most; throws for anything else. */
export function parseDuration(text: string): bigint {
  const match = DURATION.exec(text);
  if (!match) throw new RangeError(`'${text}' is no duration`);
  const [days, hours, minutes, seconds] = match.slice(1, 5).map(part => BigInt(part ?? 0));
  const value = (((days * 24n + hours) * 60n + minutes) * 60n + seconds) * SECOND + BigInt((match[5] ?? '').padEnd(9, '0'));
  if (value > LONGEST) throw new RangeError(`'${text}' is longer than 366 days`);
  return value;
}

export const greater = (a: bigint, b: bigint): bigint => (a > b ? a : b);
export const lesser = (a: bigint, b: bigint): bigint => (a < b ? a : b);
export const distance = (a: bigint, b: bigint): bigint => (a > b ? a - b : b - a);
