// The contract's records as JSON has them. Written by clients/generate.py; do not edit.

export interface AdvisorySegment {
  from: string;
  until: string | null;
  limits: Limits;
}

export interface AdvisoryTimeline {
  by: Binding;
  breachPrice?: BreachPrice;
  segments: AdvisorySegment[];
  targets: TargetSegment[];
}

export type AlarmKind = "overCurrent" | "overVoltage" | "underVoltage" | "overFrequency" | "underFrequency" | "voltageImbalance" | "currentImbalance" | "emergencyLocal" | "emergencyRemote" | "lowPowerInput" | "phaseRotation";

export interface Binding {
  service: string;
  key: string;
  envelopeId: string;
  tier: Tier;
}

export interface BoundOfBoolean {
  value: boolean;
  boundBy: Binding;
  next?: RunnerUpOfBoolean;
}

export interface BoundOfDecimal {
  value: number;
  boundBy: Binding;
  next?: RunnerUpOfDecimal;
}

export interface BoundOfInt64 {
  value: number;
  boundBy: Binding;
  next?: RunnerUpOfInt64;
}

export interface BreachPrice {
  amount: number;
  currency: string;
  per: BreachUnit;
}

export type BreachUnit = "kw" | "kwh";

export interface Cause {
  eventId?: string;
  modification?: number;
  priority?: number;
  randomizedByS?: number;
  testEvent?: boolean;
  receivedAt?: string;
  sha256?: string;
}

export interface CauseInput {
  eventId?: string | null;
  modification?: number | null;
  priority?: number | null;
  randomizedByS?: number | null;
  testEvent?: boolean | null;
  receivedAt?: string | null;
  sha256?: string | null;
}

export interface CloudEventOfEnvelope {
  specversion?: string;
  id: string;
  source: string;
  type: string;
  subject: string;
  time: string;
  datacontenttype?: string;
  data: EnvelopeInput;
}

export interface CloudEventOfPriceSeries {
  specversion?: string;
  id: string;
  source: string;
  type: string;
  subject: string;
  time: string;
  datacontenttype?: string;
  data: PriceSeriesInput;
}

export interface CloudEventOfWithdrawal {
  specversion?: string;
  id: string;
  source: string;
  type: string;
  subject: string;
  time: string;
  datacontenttype?: string;
  data: WithdrawalInput;
}

export interface ControllerSighting {
  at: string;
  tokenId: string;
  address?: string;
  userAgent?: string;
}

export interface CurveKnot {
  x: number;
  y: number;
  overExcited?: boolean;
}

export interface CurveKnotInput {
  x: number;
  y: number;
  overExcited?: boolean | null;
}

export interface DefaultLimits {
  limits: Limits;
}

export interface DefaultLimitsInput {
  limits: LimitsInput;
}

export interface DroopPoint {
  hz: number;
  w: number;
}

export interface EffectiveFunction {
  from: string;
  until: string | null;
  by: Binding;
  function: FunctionSetting;
}

export interface EffectiveLimits {
  importLimitW?: BoundOfInt64;
  exportLimitW?: BoundOfInt64;
  chargeLimitW?: BoundOfInt64;
  dischargeLimitW?: BoundOfInt64;
  generationLimitW?: BoundOfInt64;
  loadLimitW?: BoundOfInt64;
  perPhase?: EffectivePhases;
  connect?: BoundOfBoolean;
  energize?: BoundOfBoolean;
}

export interface EffectivePhase {
  importLimitA?: BoundOfDecimal;
  exportLimitA?: BoundOfDecimal;
}

export interface EffectivePhases {
  L1?: EffectivePhase;
  L2?: EffectivePhase;
  L3?: EffectivePhase;
}

export interface EffectiveRamp {
  from: string;
  until: string | null;
  by: Binding;
  ramp: Ramp;
}

export interface EffectiveSegment {
  from: string;
  until: string | null;
  limits: EffectiveLimits;
}

export interface EffectiveSetpoint {
  from: string;
  until: string | null;
  by: Binding;
  askedW?: number;
  targetW?: number;
  shortfallW?: number;
  boundBy?: Binding;
  droop?: DroopPoint[];
  lowestW?: number;
  highestW?: number;
}

export interface EffectiveTimeline {
  siteId: string;
  epoch?: string;
  sequence?: string;
  asOf?: string;
  from: string;
  until: string | null;
  targets: TargetTimeline[];
  incomplete?: boolean;
  waitingFor?: string[];
}

export interface EnterService {
  delayS?: number;
  randomDelayS?: number;
  rampS?: number;
  lowVoltagePercent?: number;
  highVoltagePercent?: number;
  lowHz?: number;
  highHz?: number;
}

export interface EnterServiceInput {
  delayS?: number | null;
  randomDelayS?: number | null;
  rampS?: number | null;
  lowVoltagePercent?: number | null;
  highVoltagePercent?: number | null;
  lowHz?: number | null;
  highHz?: number | null;
}

export interface Envelope {
  envelopeId: string;
  revision: number;
  siteId: string;
  target: EnvelopeTarget;
  stream: StreamId;
  tier: Tier;
  obligation: Obligation;
  breachPrice?: BreachPrice;
  segments: Segment[];
  targets: TargetSegment[];
  default?: DefaultLimits;
  failsafe?: Failsafe;
  provenance: Provenance;
}

export interface EnvelopeInput {
  envelopeId: string;
  revision: number;
  siteId: string;
  target: EnvelopeTarget;
  stream: StreamId;
  tier: Tier;
  obligation: Obligation;
  breachPrice?: null | BreachPrice;
  segments: SegmentInput[];
  targets?: TargetSegmentInput[];
  default?: null | DefaultLimitsInput;
  failsafe?: null | FailsafeInput;
  provenance: ProvenanceInput;
}

export interface EnvelopeTarget {
  kind: TargetKind;
  id: string;
}

export interface Failsafe {
  staleAfter: string;
  onStale: OnStale;
  limits?: Limits;
  minDuration?: string;
}

export interface FailsafeInput {
  staleAfter: string;
  onStale: OnStale;
  limits?: null | LimitsInput;
  minDuration?: string | null;
}

export interface FrequencyDroop {
  deadbandOverHz: number;
  deadbandUnderHz: number;
  slopeOver: number;
  slopeUnder: number;
}

export type FunctionKind = "voltVar" | "voltWatt" | "frequencyWatt" | "frequencyDroop" | "wattPowerFactor" | "wattVar" | "fixedPowerFactorInject" | "fixedPowerFactorAbsorb" | "fixedVar" | "targetVar" | "highVoltageMayTrip" | "highVoltageMustTrip" | "highVoltageMomentaryCessation" | "lowVoltageMayTrip" | "lowVoltageMustTrip" | "lowVoltageMomentaryCessation" | "highFrequencyMayTrip" | "highFrequencyMustTrip" | "lowFrequencyMayTrip" | "lowFrequencyMustTrip" | "enterService";

export interface FunctionSetting {
  kind: FunctionKind;
  curve?: CurveKnot[];
  percentOf?: PercentBase;
  value?: number;
  overExcited?: boolean;
  openLoopS?: number;
  increasePercentPerS?: number;
  decreasePercentPerS?: number;
  pt1S?: number;
  vRefPercent?: number;
  autonomousVRefS?: number;
  droop?: FrequencyDroop;
  enterService?: EnterService;
}

export interface FunctionSettingInput {
  kind: FunctionKind;
  curve?: CurveKnotInput[] | null;
  percentOf?: null | PercentBase;
  value?: number | null;
  overExcited?: boolean | null;
  openLoopS?: number | null;
  increasePercentPerS?: number | null;
  decreasePercentPerS?: number | null;
  pt1S?: number | null;
  vRefPercent?: number | null;
  autonomousVRefS?: number | null;
  droop?: null | FrequencyDroop;
  enterService?: null | EnterServiceInput;
}

export interface Limits {
  importLimitW?: number;
  exportLimitW?: number;
  chargeLimitW?: number;
  dischargeLimitW?: number;
  generationLimitW?: number;
  loadLimitW?: number;
  perPhase?: PhaseLimits;
  connect?: boolean;
  energize?: boolean;
}

export interface LimitsInput {
  importLimitW?: number | null;
  exportLimitW?: number | null;
  chargeLimitW?: number | null;
  dischargeLimitW?: number | null;
  generationLimitW?: number | null;
  loadLimitW?: number | null;
  perPhase?: null | PhaseLimitsInput;
  connect?: boolean | null;
  energize?: boolean | null;
}

export type Obligation = "mandatory" | "advisory";

export type OnStale = "holdSchedule" | "failsafe";

export type PercentBase = "maxW" | "maxVar" | "availableVar" | "nominalVoltage" | "maxChargeW" | "maxDischargeW" | "availableW";

export interface PhaseLimit {
  importLimitA?: number;
  exportLimitA?: number;
}

export interface PhaseLimitInput {
  importLimitA?: number | null;
  exportLimitA?: number | null;
}

export interface PhaseLimits {
  L1?: PhaseLimit;
  L2?: PhaseLimit;
  L3?: PhaseLimit;
}

export interface PhaseLimitsInput {
  L1?: null | PhaseLimitInput;
  L2?: null | PhaseLimitInput;
  L3?: null | PhaseLimitInput;
}

export interface PriceSegment {
  from: string;
  until: string | null;
  importPrice?: number;
  exportPrice?: number;
  cause?: Cause;
}

export interface PriceSegmentInput {
  from: string;
  until?: string | null;
  importPrice?: number | null;
  exportPrice?: number | null;
  cause?: null | CauseInput;
}

export interface PriceSeries {
  seriesId: string;
  revision: number;
  siteId: string;
  stream: StreamId;
  currency: string;
  unit: string;
  segments: PriceSegment[];
  provenance: Provenance;
}

export interface PriceSeriesInput {
  seriesId: string;
  revision: number;
  siteId: string;
  stream: StreamId;
  currency: string;
  unit: string;
  segments: PriceSegmentInput[];
  provenance: ProvenanceInput;
}

export interface Problem {
  type: string;
  title: string;
  status: number;
  detail?: string;
  pointer?: string;
  instance?: string;
  traceId?: string;
  errors?: Record<string, unknown>[];
}

export interface Provenance {
  protocol: string;
  authority: string;
  program?: string;
}

export interface ProvenanceInput {
  protocol: string;
  authority: string;
  program?: string | null;
}

export interface PublishAnswer {
  results: PublishResult[];
  epoch?: string;
}

export interface PublishResult {
  id?: string;
  status: PublishStatus;
  sequence?: string;
  heldRevision?: number;
  problem?: Problem;
}

export type PublishStatus = "accepted" | "duplicate" | "stale" | "rejected";

export interface PublisherAnswer {
  epoch: string;
  head: number;
  incomplete?: boolean;
  waitingFor?: string[];
}

export interface PublisherHello {
  source: string;
  restatedEpoch?: string | null;
  epoch?: string | null;
  head?: number | null;
}

export interface PublisherList {
  epoch: string;
  incomplete: boolean;
  publishers: PublisherView[];
}

export interface PublisherView {
  source: string;
  tenant: string;
  saysHello: boolean;
  restatedEpoch?: string;
  awaited: boolean;
  lastHeard?: string;
  forgot?: boolean;
}

export interface Ramp {
  seconds?: number;
  percentPerS?: number;
  softPercentPerS?: number;
}

export interface RampInput {
  seconds?: number | null;
  percentPerS?: number | null;
  softPercentPerS?: number | null;
}

export interface Reading {
  at: string;
  assetId?: string;
  netPowerW?: number;
  reactivePowerVar?: number;
  voltageV?: number;
  energyImportWh?: number;
  energyExportWh?: number;
  socPercent?: number;
  frequencyHz?: number;
  headroomUpW?: number;
  headroomDownW?: number;
  manualOverride?: boolean;
  alarms?: AlarmKind[];
}

export interface ReadingInput {
  at: string;
  assetId?: string | null;
  netPowerW?: number | null;
  reactivePowerVar?: number | null;
  voltageV?: number | null;
  energyImportWh?: number | null;
  energyExportWh?: number | null;
  socPercent?: number | null;
  frequencyHz?: number | null;
  headroomUpW?: number | null;
  headroomDownW?: number | null;
  manualOverride?: boolean | null;
  alarms?: AlarmKind[] | null;
}

export interface Receipt {
  envelopeId: string;
  revision: number;
  state: ReceiptState;
  at: string;
  deficitW?: number;
  reason?: string;
}

export interface ReceiptInput {
  envelopeId: string;
  revision: number;
  state: ReceiptState;
  at: string;
  deficitW?: number | null;
  reason?: string | null;
}

export type ReceiptState = "received" | "accepted" | "rejected" | "started" | "completed" | "partial" | "optedOut" | "cannotComply";

export interface ReceivedReading {
  receivedAt: string;
  reading: Reading;
}

export interface ReceivedReceipt {
  receivedAt: string;
  stream: StreamId;
  receipt: Receipt;
}

export interface RunnerUpOfBoolean {
  service: string;
  key: string;
  value: boolean;
}

export interface RunnerUpOfDecimal {
  service: string;
  key: string;
  value: number;
}

export interface RunnerUpOfInt64 {
  service: string;
  key: string;
  value: number;
}

export interface Segment {
  from: string;
  until: string | null;
  limits: Limits;
  cause?: Cause;
  bridged?: boolean;
  functions?: FunctionSetting[];
  ramp?: Ramp;
}

export interface SegmentInput {
  from: string;
  until?: string | null;
  limits: LimitsInput;
  cause?: null | CauseInput;
  bridged?: boolean | null;
  functions?: FunctionSettingInput[] | null;
  ramp?: null | RampInput;
}

export interface SiteEnvelopes {
  siteId: string;
  epoch: string;
  sequence: string;
  asOf: string;
  complete: boolean;
  envelopes: Envelope[];
  withdrawn?: Withdrawal[];
  prices: PriceSeries[];
  incomplete?: boolean;
  waitingFor?: string[];
  siteKnown?: boolean;
}

export interface SiteList {
  items: SiteOverview[];
  next?: string;
  incomplete?: boolean;
  waitingFor?: string[];
}

export interface SiteOverview {
  siteId: string;
  sequence: string;
  lastChangeAt?: string;
  subscribers: number;
  lastReadingAt?: string;
  lastReceiptAt?: string;
  netPowerW?: number;
  netPowerAt?: string;
  controller?: ControllerSighting;
  unheard: UpstreamHealth[];
  incomplete?: boolean;
}

export interface SiteReadings {
  items: ReceivedReading[];
  next?: string;
  keptSince?: string;
  damaged?: number;
}

export interface SiteReceipts {
  items: ReceivedReceipt[];
  next?: string;
  keptSince?: string;
  damaged?: number;
}

export interface StreamId {
  service: string;
  key: string;
}

export type TargetKind = "site" | "circuit" | "evseGroup" | "evse" | "ess" | "pv";

export interface TargetSegment {
  from: string;
  until: string | null;
  targetW?: number;
  droop?: DroopPoint[];
  cause?: Cause;
}

export interface TargetSegmentInput {
  from: string;
  until?: string | null;
  targetW?: number | null;
  droop?: DroopPoint[] | null;
  cause?: null | CauseInput;
}

export interface TargetTimeline {
  target: EnvelopeTarget;
  segments: EffectiveSegment[];
  setpoints: EffectiveSetpoint[];
  functions?: EffectiveFunction[];
  ramps?: EffectiveRamp[];
  advisory: AdvisoryTimeline[];
}

export type Tier = "safety" | "regulatory" | "contractual" | "market" | "economic";

export interface UpstreamHealth {
  stream: StreamId;
  status: UpstreamStatus;
  since: string;
  detail?: string;
}

export interface UpstreamReport {
  source: string;
  validFor: string;
  streams: UpstreamStream[];
}

export type UpstreamStatus = "ok" | "stale" | "lost";

export interface UpstreamStream {
  stream: StreamId;
  sites: string[];
  status: UpstreamStatus;
  since: string;
  detail?: string | null;
}

export interface Withdrawal {
  siteId: string;
  target: EnvelopeTarget;
  stream: StreamId;
  revision: number;
  reason?: string;
}

export interface WithdrawalInput {
  siteId: string;
  target: EnvelopeTarget;
  stream: StreamId;
  revision: number;
  reason?: string | null;
}
