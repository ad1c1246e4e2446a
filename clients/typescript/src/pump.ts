import { pause, words } from './hub.js';
import type { SiteLimits } from './limits.js';

export interface PumpOptions {
  /** Limits are read anew at least so often. */
  readonly tickMs: number;
  readonly firstPauseMs?: number;
  readonly longestPauseMs: number;
  /** A call that has not returned for so long is told. */
  readonly patienceMs?: number;
  /** So long a call that is under way at the end is waited for. */
  readonly lastWaitMs?: number;
}

type Handler = (limits: SiteLimits) => void | Promise<void>;

/**
 * Hands limits to the controller's own handler, one call at a time, again until it returns: a set-point may not have been written.
 * After a fault the same limits are tried again after a growing pause, others at once.
 */
export class LimitsPump {
  private told?: SiteLimits;
  private rung = false;
  private wake = (): void => undefined;

  constructor(private readonly read: () => SiteLimits, private readonly handler: Handler, private readonly tell: (text: string) => void, private readonly over: AbortSignal,
    private readonly options: PumpOptions) {}

  /** Something may have changed. */
  ring(): void {
    this.rung = true;
    this.wake();
  }

  /** Until `over`, and then at most `lastWaitMs` more. */
  async run(): Promise<void> {
    const wake = (): void => this.wake();
    this.over.addEventListener('abort', wake);
    try {
      for (let failures = 0; !this.over.aborted;) {
        const limits = this.read();
        if (limits.saysSameAs(this.told)) {
          await this.rest(this.options.tickMs);
          continue;
        }
        this.told = undefined; // until the handler returns nobody knows which of the two is written
        try {
          await this.call(limits);
          [this.told, failures] = [limits, 0];
        } catch (fault) {
          this.tell(`a handler of limits failed and is called again: ${words(fault)}`);
          await this.pauseAfter(limits, Math.min((this.options.firstPauseMs ?? 1_000) * 2 ** Math.min(failures++, 5), this.options.longestPauseMs));
        }
      }
    } finally {
      this.over.removeEventListener('abort', wake);
    }
  }

  private call(limits: SiteLimits): Promise<void> {
    const patience = this.options.patienceMs ?? 30_000;
    const stuck = setTimeout(() => this.tell(`a handler of limits has not returned for ${patience / 1000} s; nothing newer is told until it does`), patience);
    let late: NodeJS.Timeout | undefined;
    let end = (): void => undefined;
    const ended = new Promise<void>(done => { end = () => { late = setTimeout(done, this.options.lastWaitMs ?? 1_000); }; });
    this.over.addEventListener('abort', end);
    return Promise.race([(async () => this.handler(limits))(), ended]).finally(() => {
      this.over.removeEventListener('abort', end);
      clearTimeout(stuck);
      clearTimeout(late);
    });
  }

  // Other limits than those that failed do not wait: they may be the tighter ones.
  private async pauseAfter(failed: SiteLimits, ms: number): Promise<void> {
    const until = performance.now() + ms;
    for (let left = ms; left > 0 && !this.over.aborted && this.read().saysSameAs(failed); left = until - performance.now()) await this.rest(Math.min(left, this.options.tickMs));
  }

  private async rest(ms: number): Promise<void> {
    if (!this.rung) {
      const waited = new AbortController();
      this.wake = () => waited.abort();
      await pause(ms, waited.signal);
    }
    this.rung = false;
  }
}
