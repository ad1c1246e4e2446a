// Prints a line whenever what may be drawn changes; put your own set-point there. HUB, TOKEN, SITE, FAILSAFE_W, and, where given, STATE_FILE, STALE (PT2M) and IDLE_S (40) come from the environment.
import { SiteSession } from '../src/index.js';

const { HUB, TOKEN, SITE, FAILSAFE_W, STATE_FILE, STALE = 'PT2M', IDLE_S = '40' } = process.env;
const failsafe = Number(FAILSAFE_W);
const limits = { importLimitW: failsafe };
const session = new SiteSession({
  hub: { hub: HUB!, token: TOKEN!, siteId: SITE!, idleLimitMs: 1000 * Number(IDLE_S) },
  failsafe: { initLimits: limits, default: { staleAfter: STALE, onStale: 'failsafe', limits } },
  stateFile: STATE_FILE,
  onLimits: now => console.log('limit', now.most('importLimitW', failsafe) ?? 'none', now.phase),
  onNotice: text => console.error('notice', text),
});
await session.run();
