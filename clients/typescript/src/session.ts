import { readFileSync } from 'node:fs';
import { allOf, keyOf, streamOf } from './held.js';
import { clockAheadMsAt, cursorOf, needsSet, toPersist, withDefaults, type Holding, type Moment, type Options } from './holding.js';
import { HubError, HubLine, pause, positive, words, type HubOptions } from './hub.js';
import type { SiteLimits } from './limits.js';
import { apply, limitsAt, start, tick } from './machine.js';
import type { Cursor, HubMessage } from './messages.js';
import { LimitsPump } from './pump.js';
import { readState, writeState } from './stateFile.js';
import { SECOND, distance } from './times.js';

const WRITE_RETRY = 10n * SECOND;

export interface SessionOptions {
  readonly hub: HubOptions;
  /** The controller's own rules; what is not said is as in `DEFAULTS`. */
  readonly failsafe?: Partial<Options>;
  /** Keeps the last-known set over restarts; undefined: nothing is kept. */
  readonly stateFile?: string;
  /** A limit's start is obeyed within so long. */
  readonly tickMs?: number;
  /** Called with what holds at the start and whenever it changes, until it returns, or its promise is fulfilled, without a fault. */
  readonly onLimits?: (limits: SiteLimits) => void | Promise<void>;
  /** What a person may want to know. It is not waited for, and a fault of it is its own. */
  readonly onNotice?: (text: string) => void | Promise<void>;
  readonly now?: () => Moment;
}

/** Follows a site: the line to the hub, what is allowed now, and what to do when the line goes dead. */
export class SiteSession {
  private readonly line: HubLine;
  private readonly now: () => Moment;
  private readonly over = new AbortController();
  private holding: Holding;
  private distrusted = false;
  private shown?: string;
  private readonly pump: LimitsPump;
  private written?: { says: string; set: Holding['set']; ahead: number };
  private nextWrite?: bigint;

  /** Throws `RangeError` for settings that no limits can be read of. */
  constructor(private readonly options: SessionOptions) {
    this.now = options.now ?? createClocks();
    this.line = new HubLine(options.hub);
    const failsafe = withDefaults(options.failsafe);
    const tickMs = positive('tickMs', options.tickMs ?? 250);
    const persisted = options.stateFile === undefined ? undefined
      : readState(options.stateFile, options.hub.siteId, this.line.authority, !failsafe.initLimits, text => this.notice(text));
    this.holding = start(options.hub.siteId, persisted, failsafe, this.now());
    const onLimits = async (limits: SiteLimits): Promise<void> => this.options.onLimits?.(limits);
    this.pump = new LimitsPump(() => this.limits, onLimits, text => this.notice(text), this.over.signal, { tickMs, longestPauseMs: 30_000 });
  }

  /** The limits in force at this moment, also when nothing was heard for long: they fall safe by themselves, whether or not the session runs. */
  get limits(): SiteLimits {
    const now = this.now();
    return limitsAt(tick(this.holding, now), now);
  }

  /** Until `stop`. Whatever fails on the way is told and begun again. */
  async run(): Promise<void> {
    await Promise.all([this.keep(() => this.listen()), this.keep(() => this.watch()), this.keep(() => this.pump.run())]);
  }

  /** Ends `run`; a call of `onLimits` that is under way is waited for a second at most. */
  stop(): void {
    this.over.abort();
    this.line.close();
  }

  private async keep(part: () => Promise<void>): Promise<void> {
    while (!this.over.signal.aborted) {
      try {
        await part();
      } catch (fault) {
        this.notice(`a part of the session failed and begins again: ${words(fault)}`);
        await pause(1_000, this.over.signal);
      }
    }
  }

  private async listen(): Promise<void> {
    for await (const message of this.line.subscribe(() => this.resumeFrom(), () => cursorOf(this.holding))) {
      this.take(message);
      if (message.type === 'link') {
        this.shown = undefined; // what is shown to a hub that then starts anew is shown once more
        if (!message.up) this.notice(`line to the hub is down (${message.detail}); next attempt in ${((message.retryInMs ?? 0) / 1000).toFixed(1)} s`);
      } else {
        await this.fetchSetIfNeeded();
        await this.showLostCursor();
      }
    }
  }

  // Before the first contact, and where a statement is owed, the hub is to state the whole set first.
  private resumeFrom(): Cursor | undefined {
    const held = this.holding;
    return held.contacted && !needsSet(held) && held.failsafes.size === 0 && !this.distrusted ? cursorOf(held) : undefined;
  }

  private async fetchSetIfNeeded(): Promise<void> {
    if (!needsSet(this.holding)) return;
    try {
      this.take(await this.line.getSet());
    } catch (fault) {
      this.notice(`the whole set is wanted and can't be had: ${words(fault)}`); // asked again after the next message
    }
  }

  private async showLostCursor(): Promise<void> {
    const lost = this.holding.set.rewoundFrom;
    if (lost === undefined || lost === this.shown) return;
    try {
      await this.line.showCursor(lost);
      this.shown = lost;
    } catch (refused) {
      this.shown = refused instanceof HubError && !refused.isPassing ? lost : undefined;
      this.notice(`the hub was shown the lost cursor ${lost}: ${words(refused)}`);
    }
  }

  private take(message: HubMessage): void {
    this.distrusted = true; // until it is taken in: what could not be is not to be had by resuming behind it
    this.step((state, now) => apply(state, message, now));
    this.distrusted = false;
  }

  private step(change: (state: Holding, now: Moment) => Holding): void {
    const [now, before] = [this.now(), this.holding];
    this.holding = change(before, now);
    this.pump.ring();
    this.tellHistory(before, this.holding);
    this.persist(now);
  }

  // The pump reads by itself what time has changed: it does not wait for this.
  private async watch(): Promise<void> {
    while (!this.over.signal.aborted) {
      this.step(tick);
      await pause(this.options.tickMs ?? 250, this.over.signal);
    }
  }

  // Nothing that was in force ends without a word.
  private tellHistory(before: Holding, after: Holding): void {
    if (before.set === after.set) return;
    const [was, is] = [cursorOf(before), cursorOf(after)];
    if (after.siteUnknown && !before.siteUnknown) this.notice(`the hub has never had anything for a site '${after.set.siteId}'; check the name`);
    if (after.set.rewoundFrom !== undefined && before.set.rewoundFrom === undefined) {
      this.notice(`the hub's store was set back: it is at ${after.set.cursor}, ${after.set.rewoundFrom} was held`);
    } else if (was && is && was.epoch !== is.epoch) {
      this.notice(`the hub began another history (${is.epoch} after ${was.epoch})`);
    }
    const there = new Set([...allOf(after.set), ...after.set.withdrawn].map(keyOf));
    const gone = [...new Set(allOf(before.set).filter(e => !there.has(keyOf(e))).map(streamOf))].sort();
    if (gone.length > 0) this.notice(`no longer stated, though never withdrawn; the limits end: ${gone.join(', ')}`);
  }

  // A full disk must not stop the controller from obeying.
  private persist(now: Moment): void {
    const [state, file] = [this.holding, this.options.stateFile];
    if (file === undefined || !state.contacted || (this.nextWrite !== undefined && now.monotonic < this.nextWrite)) return;
    const says = JSON.stringify([state.blank, [...state.failsafes.keys()].sort(), [...state.lost.keys()].sort()]);
    const ahead = clockAheadMsAt(state, now) ?? 0;
    if (this.written && this.written.set === state.set && this.written.says === says && Math.abs(ahead - this.written.ahead) <= 1_000) return;
    try {
      writeState(file, { ...toPersist(state, now), hub: this.line.authority });
      [this.written, this.nextWrite] = [{ says, set: state.set, ahead }, undefined];
    } catch (fault) {
      this.nextWrite = now.monotonic + WRITE_RETRY;
      this.notice(`the last-known set can't be written to ${file}: ${words(fault)}`);
    }
  }

  private notice(text: string): void {
    try {
      Promise.resolve(this.options.onNotice?.(text)).catch(() => undefined);
    } catch {
      // Who listens to notices keeps nobody from obeying.
    }
  }
}

/**
 * Both clocks of this machine. Node's monotonic clock does not count the time that the machine slept; where the wall clock and it move apart, the time since the start of the machine tells
 * whether it was sleep or a clock that was set (Linux).
 */
export function createClocks(sinceBoot: () => bigint | undefined = readUptime): () => Moment {
  const [origin, booted] = [process.hrtime.bigint(), sinceBoot()];
  const wallNow = (): bigint => BigInt(Date.now()) * 1_000_000n;
  let [asleep, wallOrigin] = [0n, wallNow()];
  return () => {
    const [wall, awake] = [wallNow(), process.hrtime.bigint() - origin];
    if (distance(wall - awake, wallOrigin) > SECOND) {
      wallOrigin = wall - awake;
      const now = sinceBoot();
      const slept = now === undefined || booted === undefined ? asleep : now - booted - awake;
      if (slept - asleep > SECOND) asleep = slept;
    }
    return { wall, monotonic: awake + asleep };
  };
}

function readUptime(): bigint | undefined {
  try {
    const seconds = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]);
    return Number.isFinite(seconds) ? BigInt(Math.round(seconds * 1000)) * 1_000_000n : undefined;
  } catch {
    return undefined;
  }
}

