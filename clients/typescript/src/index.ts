export { NotReadable } from './contract.js';
export type { Options } from './holding.js';
export { HubError, HubLine, type HubOptions } from './hub.js';
export { SiteLimits, type SitePhase, type Standing, type StreamPhase } from './limits.js';
export type { Bound, Bounds, Quantity, Segment } from './merge.js';
export type * from './models.js';
export { SiteSession, type SessionOptions } from './session.js';
