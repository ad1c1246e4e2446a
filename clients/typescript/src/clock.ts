import { SECOND, distance, greater, parseInstant } from './times.js';

const KEPT = 8;
const PLAUSIBLE = parseInstant('2000-01-01T00:00:00Z');
const BELIEVABLE = 60n * SECOND;

/**
 * The hub's time, told by its heartbeats and carried on by this machine's monotonic clock. A heartbeat can only be late, never early, so of the last few the one with the least delay counts.
 * One that is further away than a minute is not believed alone. Where the last two are later than the others the hub's clock may have been set back by less: then both times count.
 */
export class HubClock {
  /** @param origins what the hub's clock showed when the monotonic clock was at zero, as each of the last heartbeats puts it */
  constructor(readonly origins: readonly bigint[], readonly doubted?: bigint) {}

  /** The same, as the last two heartbeats put it where both are more than a second behind the others. */
  get setBack(): bigint | undefined {
    if (this.origins.length <= 2) return undefined;
    const last = greater(this.origins[this.origins.length - 1], this.origins[this.origins.length - 2]);
    return this.latest - last > SECOND ? last : undefined;
  }

  /** The hub's time at a monotonic time. */
  at(monotonic: bigint): bigint {
    return this.latest + monotonic;
  }

  private get latest(): bigint {
    return this.origins.reduce(greater);
  }

  /** The clock after a heartbeat; one whose time can't be meant changes nothing. */
  static after(before: HubClock | undefined, hub: bigint, monotonic: bigint): HubClock | undefined {
    if (hub < PLAUSIBLE) return before;
    const origin = hub - monotonic;
    if (!before) return new HubClock([origin]);
    if (distance(origin, before.latest) <= BELIEVABLE) return new HubClock([...before.origins, origin].slice(-KEPT));
    return before.doubted !== undefined && distance(origin, before.doubted) <= BELIEVABLE ? new HubClock([before.doubted, origin]) : new HubClock(before.origins, origin);
  }
}
