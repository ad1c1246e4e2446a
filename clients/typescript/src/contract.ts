import { NotReadable, parseJson } from './json.js';
import type { Envelope, Failsafe } from './models.js';
import { schemas } from './schemas.js';
import { SECOND, parseDuration, parseInstant } from './times.js';

export { NotReadable } from './json.js';

type Json = Record<string, unknown>;
type Span = { from: string; until?: string | null };

/**
 * The JSON of a text; throws `NotReadable` where it does not fit the contract's schema of that file name, or breaks a rule that schemas can't say.
 * Strict: what can't be read whole is an error, never half a limit.
 */
export function parse<T>(text: string, schema: string): T {
  const document = parseJson(text);
  requireValid(document, schema);
  return document as T;
}

/** Throws `NotReadable` where the document does not fit. */
export function requireValid(document: unknown, schema: string): void {
  const fault = faultOf(schemas[schema], document, schema, '');
  if (fault) throw new NotReadable(fault);
  const read = document as Json;
  try {
    if (schema === 'publication.schema.json' && (read.subject as string).split('/').at(-1) !== (read.data as Json).siteId) throw new NotReadable('/subject names another site than the data');
    for (const series of parts(read, schema, 'prices', 'price-series.schema.json', 'gridservices.prices.published.v1')) checkSpans(series.segments as Span[]);
    for (const envelope of parts(read, schema, 'envelopes', 'envelope.schema.json', 'gridservices.envelope.published.v1')) checkEnvelope(envelope as unknown as Envelope);
  } catch (fault) {
    throw fault instanceof RangeError ? new NotReadable(fault.message) : fault;
  }
}

function parts(read: Json, schema: string, member: string, own: string, published: string): Json[] {
  if (schema === own) return [read];
  if (schema === 'publication.schema.json') return read.type === published ? [read.data as Json] : [];
  return schema === 'site-snapshot.schema.json' || schema === 'site-envelopes.schema.json' ? (read[member] as Json[]) : [];
}

// What the schema of an envelope can't say: order, overlap, ends, and the site's own name.
function checkEnvelope(envelope: Envelope): void {
  checkSpans(envelope.segments);
  checkSpans(envelope.targets ?? []);
  if (envelope.failsafe) checkFailsafe(envelope.failsafe);
  if (envelope.target.kind === 'site' && envelope.target.id !== envelope.siteId) throw new NotReadable('/target/id: a target of kind site is the site itself');
  for (const segment of envelope.segments) {
    const amperes = Object.values(segment.limits.perPhase ?? {}).flatMap(phase => Object.values(phase ?? {}) as (number | null)[]);
    if (amperes.some(a => a !== null && Number(a.toFixed(3)) !== a)) throw new NotReadable('an ampere has at most three decimals');
    const functions = segment.functions ?? [];
    if (new Set(functions.map(f => f.kind)).size !== functions.length) throw new NotReadable('a segment sets each function once');
    for (const { kind, curve } of functions) checkAscends((curve ?? []).map(knot => knot.x), /(Trip|Cessation)$/.test(kind));
  }
  for (const target of envelope.targets ?? []) checkAscends((target.droop ?? []).map(point => point.hz), false);
}

/** What the schema of a fail-safe rule can't say; throws where it does not hold. */
export function checkFailsafe(failsafe: Failsafe): void {
  if (parseDuration(failsafe.staleAfter) < SECOND) throw new NotReadable('/failsafe/staleAfter must be at least PT1S');
  parseDuration(failsafe.minDuration ?? 'PT0S');
}

/** What is wrong with a setting of the controller's own, by a definition of common.schema.json; undefined: nothing. */
export function faultOfSetting(value: unknown, definition: string): string | undefined {
  return faultOf({ $ref: `common.schema.json#/$defs/${definition}` }, value, 'common.schema.json', '');
}

function checkAscends(numbers: readonly number[], mayStep: boolean): void {
  if (numbers.some((n, i) => i > 0 && (n < numbers[i - 1] || (n === numbers[i - 1] && !mayStep)))) throw new NotReadable('the points of a curve must ascend');
}

function checkSpans(spans: readonly Span[]): void {
  let end: bigint | undefined;
  spans.forEach((span, number) => {
    const from = parseInstant(span.from);
    if ((span.until ?? null) === null && number < spans.length - 1) throw new NotReadable('only the last span may be open');
    if (end !== undefined && from < end) throw new NotReadable('spans overlap, or are out of order');
    end = (span.until ?? null) === null ? undefined : parseInstant(span.until!);
    if (end !== undefined && end <= from) throw new NotReadable('a span must end later than it begins');
  });
}

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

const KINDS: Record<string, (value: unknown) => boolean> = {
  object: isObject,
  array: Array.isArray,
  string: value => typeof value === 'string',
  boolean: value => typeof value === 'boolean',
  null: value => value === null,
  number: value => Number.isFinite(value),
  integer: value => Number.isInteger(value),
};

// What is wrong with a value, with its place; undefined: nothing. Knows the words that the contract's schemas use, and no others.
function faultOf(schema: Json, value: unknown, file: string, at: string): string | undefined {
  let from = file;
  if (typeof schema.$ref === 'string') {
    const [name, rest] = schema.$ref.split('#');
    from = name || file;
    const referred = (rest ?? '').split('/').filter(Boolean).reduce((s, part) => s[part] as Json, schemas[from] as Json);
    const fault = faultOf(referred, value, from, at);
    if (fault) return fault;
  }
  const kinds = schema.type === undefined ? [] : ([schema.type].flat() as string[]);
  if (kinds.length > 0 && !kinds.some(kind => KINDS[kind](value))) return `${at || '/'} is of another kind than ${kinds.join(' or ')}`;
  if ((schema.enum && !(schema.enum as unknown[]).includes(value)) || ('const' in schema && schema.const !== value)) return `${at || '/'} is none of the words that belong there`;
  return faultOfKind(schema, value, from, at) ?? faultOfParts(schema, value, from, at);
}

function faultOfKind(schema: Json, value: unknown, file: string, at: string): string | undefined {
  const [least, most] = [schema.minimum as number | undefined, schema.maximum as number | undefined];
  if (typeof value === 'string') {
    const length = [...value].length;
    const fits = length >= ((schema.minLength as number) ?? 0) && length <= ((schema.maxLength as number) ?? length)
      && (schema.pattern === undefined || patternOf(schema.pattern as string).test(value));
    return !fits || (schema.format === 'date-time' && !isInstant(value)) ? `${at} has not the form that belongs there` : undefined;
  }
  if (typeof value === 'number') {
    const above = schema.exclusiveMinimum as number | undefined;
    return (least !== undefined && value < least) || (most !== undefined && value > most) || (above !== undefined && value <= above) ? `${at} is out of its bounds` : undefined;
  }
  if (Array.isArray(value)) {
    if (value.length < ((schema.minItems as number) ?? 0) || value.length > ((schema.maxItems as number) ?? value.length)) return `${at} has too many items, or too few`;
    return schema.items ? first(value.map((item, n) => () => faultOf(schema.items as Json, item, file, `${at}/${n}`))) : undefined;
  }
  if (!isObject(value)) return undefined;
  const members = (schema.properties ?? {}) as Record<string, Json>;
  const missing = ((schema.required ?? []) as string[]).find(name => !(name in value));
  if (missing !== undefined) return `${at}/${missing} is missing`;
  const unknown = schema.additionalProperties === false ? Object.keys(value).find(name => !Object.hasOwn(members, name)) : undefined;
  if (unknown !== undefined) return `${at}/${unknown} is not known`;
  return first(Object.entries(members).filter(([name]) => name in value).map(([name, of]) => () => faultOf(of, value[name], file, `${at}/${name}`)));
}

function faultOfParts(schema: Json, value: unknown, file: string, at: string): string | undefined {
  const judge = (one: Json): string | undefined => faultOf(one, value, file, at);
  const all = first(((schema.allOf ?? []) as Json[]).map(part => () => judge(part)));
  if (all) return all;
  const any = schema.anyOf ? (schema.anyOf as Json[]).map(judge) : [undefined];
  if (any.every(fault => fault !== undefined)) return any[0];
  if (schema.oneOf && (schema.oneOf as Json[]).filter(one => judge(one) === undefined).length !== 1) return `${at || '/'} is not exactly one of what it may be`;
  return schema.if && judge(schema.if as Json) === undefined ? judge((schema.then ?? {}) as Json) : undefined;
}

function first(faults: readonly (() => string | undefined)[]): string | undefined {
  for (const fault of faults) {
    const found = fault();
    if (found !== undefined) return found;
  }
  return undefined;
}

const patterns = new Map<string, RegExp>();

function patternOf(text: string): RegExp {
  const pattern = patterns.get(text) ?? new RegExp(text, 'u');
  patterns.set(text, pattern);
  return pattern;
}

function isInstant(text: string): boolean {
  try {
    parseInstant(text);
    return true;
  } catch {
    return false;
  }
}
