"""The contract's records as JSON has them. Written by clients/generate.py; do not edit."""
from typing import Any, Literal, NotRequired, TypedDict, Union

AdvisorySegment = TypedDict("AdvisorySegment", {
    "from": str,
    "until": str | None,
    "limits": "Limits",
})

AdvisoryTimeline = TypedDict("AdvisoryTimeline", {
    "by": "Binding",
    "breachPrice": NotRequired["BreachPrice"],
    "segments": list["AdvisorySegment"],
    "targets": list["TargetSegment"],
})

AlarmKind = Literal["overCurrent", "overVoltage", "underVoltage", "overFrequency", "underFrequency", "voltageImbalance", "currentImbalance", "emergencyLocal", "emergencyRemote", "lowPowerInput", "phaseRotation"]

Binding = TypedDict("Binding", {
    "service": str,
    "key": str,
    "envelopeId": str,
    "tier": "Tier",
})

BoundOfBoolean = TypedDict("BoundOfBoolean", {
    "value": bool,
    "boundBy": "Binding",
    "next": NotRequired["RunnerUpOfBoolean"],
})

BoundOfDecimal = TypedDict("BoundOfDecimal", {
    "value": float,
    "boundBy": "Binding",
    "next": NotRequired["RunnerUpOfDecimal"],
})

BoundOfInt64 = TypedDict("BoundOfInt64", {
    "value": int,
    "boundBy": "Binding",
    "next": NotRequired["RunnerUpOfInt64"],
})

BreachPrice = TypedDict("BreachPrice", {
    "amount": float,
    "currency": str,
    "per": "BreachUnit",
})

BreachUnit = Literal["kw", "kwh"]

Cause = TypedDict("Cause", {
    "eventId": NotRequired[str],
    "modification": NotRequired[int],
    "priority": NotRequired[int],
    "randomizedByS": NotRequired[int],
    "testEvent": NotRequired[bool],
    "receivedAt": NotRequired[str],
    "sha256": NotRequired[str],
})

CauseInput = TypedDict("CauseInput", {
    "eventId": NotRequired[str | None],
    "modification": NotRequired[int | None],
    "priority": NotRequired[int | None],
    "randomizedByS": NotRequired[int | None],
    "testEvent": NotRequired[bool | None],
    "receivedAt": NotRequired[str | None],
    "sha256": NotRequired[str | None],
})

CloudEventOfEnvelope = TypedDict("CloudEventOfEnvelope", {
    "specversion": NotRequired[str],
    "id": str,
    "source": str,
    "type": str,
    "subject": str,
    "time": str,
    "datacontenttype": NotRequired[str],
    "data": "EnvelopeInput",
})

CloudEventOfPriceSeries = TypedDict("CloudEventOfPriceSeries", {
    "specversion": NotRequired[str],
    "id": str,
    "source": str,
    "type": str,
    "subject": str,
    "time": str,
    "datacontenttype": NotRequired[str],
    "data": "PriceSeriesInput",
})

CloudEventOfWithdrawal = TypedDict("CloudEventOfWithdrawal", {
    "specversion": NotRequired[str],
    "id": str,
    "source": str,
    "type": str,
    "subject": str,
    "time": str,
    "datacontenttype": NotRequired[str],
    "data": "WithdrawalInput",
})

ControllerSighting = TypedDict("ControllerSighting", {
    "at": str,
    "tokenId": str,
    "address": NotRequired[str],
    "userAgent": NotRequired[str],
})

CurveKnot = TypedDict("CurveKnot", {
    "x": float,
    "y": float,
    "overExcited": NotRequired[bool],
})

CurveKnotInput = TypedDict("CurveKnotInput", {
    "x": float,
    "y": float,
    "overExcited": NotRequired[bool | None],
})

DefaultLimits = TypedDict("DefaultLimits", {
    "limits": "Limits",
})

DefaultLimitsInput = TypedDict("DefaultLimitsInput", {
    "limits": "LimitsInput",
})

DroopPoint = TypedDict("DroopPoint", {
    "hz": float,
    "w": int,
})

EffectiveFunction = TypedDict("EffectiveFunction", {
    "from": str,
    "until": str | None,
    "by": "Binding",
    "function": "FunctionSetting",
})

EffectiveLimits = TypedDict("EffectiveLimits", {
    "importLimitW": NotRequired["BoundOfInt64"],
    "exportLimitW": NotRequired["BoundOfInt64"],
    "chargeLimitW": NotRequired["BoundOfInt64"],
    "dischargeLimitW": NotRequired["BoundOfInt64"],
    "generationLimitW": NotRequired["BoundOfInt64"],
    "loadLimitW": NotRequired["BoundOfInt64"],
    "perPhase": NotRequired["EffectivePhases"],
    "connect": NotRequired["BoundOfBoolean"],
    "energize": NotRequired["BoundOfBoolean"],
})

EffectivePhase = TypedDict("EffectivePhase", {
    "importLimitA": NotRequired["BoundOfDecimal"],
    "exportLimitA": NotRequired["BoundOfDecimal"],
})

EffectivePhases = TypedDict("EffectivePhases", {
    "L1": NotRequired["EffectivePhase"],
    "L2": NotRequired["EffectivePhase"],
    "L3": NotRequired["EffectivePhase"],
})

EffectiveRamp = TypedDict("EffectiveRamp", {
    "from": str,
    "until": str | None,
    "by": "Binding",
    "ramp": "Ramp",
})

EffectiveSegment = TypedDict("EffectiveSegment", {
    "from": str,
    "until": str | None,
    "limits": "EffectiveLimits",
})

EffectiveSetpoint = TypedDict("EffectiveSetpoint", {
    "from": str,
    "until": str | None,
    "by": "Binding",
    "askedW": NotRequired[int],
    "targetW": NotRequired[int],
    "shortfallW": NotRequired[int],
    "boundBy": NotRequired["Binding"],
    "droop": NotRequired[list["DroopPoint"]],
    "lowestW": NotRequired[int],
    "highestW": NotRequired[int],
})

EffectiveTimeline = TypedDict("EffectiveTimeline", {
    "siteId": str,
    "epoch": NotRequired[str],
    "sequence": NotRequired[str],
    "asOf": NotRequired[str],
    "from": str,
    "until": str | None,
    "targets": list["TargetTimeline"],
    "incomplete": NotRequired[bool],
    "waitingFor": NotRequired[list[str]],
})

EnterService = TypedDict("EnterService", {
    "delayS": NotRequired[float],
    "randomDelayS": NotRequired[float],
    "rampS": NotRequired[float],
    "lowVoltagePercent": NotRequired[float],
    "highVoltagePercent": NotRequired[float],
    "lowHz": NotRequired[float],
    "highHz": NotRequired[float],
})

EnterServiceInput = TypedDict("EnterServiceInput", {
    "delayS": NotRequired[float | None],
    "randomDelayS": NotRequired[float | None],
    "rampS": NotRequired[float | None],
    "lowVoltagePercent": NotRequired[float | None],
    "highVoltagePercent": NotRequired[float | None],
    "lowHz": NotRequired[float | None],
    "highHz": NotRequired[float | None],
})

Envelope = TypedDict("Envelope", {
    "envelopeId": str,
    "revision": int,
    "siteId": str,
    "target": "EnvelopeTarget",
    "stream": "StreamId",
    "tier": "Tier",
    "obligation": "Obligation",
    "breachPrice": NotRequired["BreachPrice"],
    "segments": list["Segment"],
    "targets": list["TargetSegment"],
    "default": NotRequired["DefaultLimits"],
    "failsafe": NotRequired["Failsafe"],
    "provenance": "Provenance",
})

EnvelopeInput = TypedDict("EnvelopeInput", {
    "envelopeId": str,
    "revision": int,
    "siteId": str,
    "target": "EnvelopeTarget",
    "stream": "StreamId",
    "tier": "Tier",
    "obligation": "Obligation",
    "breachPrice": NotRequired[Union[None, "BreachPrice"]],
    "segments": list["SegmentInput"],
    "targets": NotRequired[list["TargetSegmentInput"]],
    "default": NotRequired[Union[None, "DefaultLimitsInput"]],
    "failsafe": NotRequired[Union[None, "FailsafeInput"]],
    "provenance": "ProvenanceInput",
})

EnvelopeTarget = TypedDict("EnvelopeTarget", {
    "kind": "TargetKind",
    "id": str,
})

Failsafe = TypedDict("Failsafe", {
    "staleAfter": str,
    "onStale": "OnStale",
    "limits": NotRequired["Limits"],
    "minDuration": NotRequired[str],
})

FailsafeInput = TypedDict("FailsafeInput", {
    "staleAfter": str,
    "onStale": "OnStale",
    "limits": NotRequired[Union[None, "LimitsInput"]],
    "minDuration": NotRequired[str | None],
})

FrequencyDroop = TypedDict("FrequencyDroop", {
    "deadbandOverHz": float,
    "deadbandUnderHz": float,
    "slopeOver": float,
    "slopeUnder": float,
})

FunctionKind = Literal["voltVar", "voltWatt", "frequencyWatt", "frequencyDroop", "wattPowerFactor", "wattVar", "fixedPowerFactorInject", "fixedPowerFactorAbsorb", "fixedVar", "targetVar", "highVoltageMayTrip", "highVoltageMustTrip", "highVoltageMomentaryCessation", "lowVoltageMayTrip", "lowVoltageMustTrip", "lowVoltageMomentaryCessation", "highFrequencyMayTrip", "highFrequencyMustTrip", "lowFrequencyMayTrip", "lowFrequencyMustTrip", "enterService"]

FunctionSetting = TypedDict("FunctionSetting", {
    "kind": "FunctionKind",
    "curve": NotRequired[list["CurveKnot"]],
    "percentOf": NotRequired["PercentBase"],
    "value": NotRequired[float],
    "overExcited": NotRequired[bool],
    "openLoopS": NotRequired[float],
    "increasePercentPerS": NotRequired[float],
    "decreasePercentPerS": NotRequired[float],
    "pt1S": NotRequired[float],
    "vRefPercent": NotRequired[float],
    "autonomousVRefS": NotRequired[float],
    "droop": NotRequired["FrequencyDroop"],
    "enterService": NotRequired["EnterService"],
})

FunctionSettingInput = TypedDict("FunctionSettingInput", {
    "kind": "FunctionKind",
    "curve": NotRequired[list["CurveKnotInput"] | None],
    "percentOf": NotRequired[Union[None, "PercentBase"]],
    "value": NotRequired[float | None],
    "overExcited": NotRequired[bool | None],
    "openLoopS": NotRequired[float | None],
    "increasePercentPerS": NotRequired[float | None],
    "decreasePercentPerS": NotRequired[float | None],
    "pt1S": NotRequired[float | None],
    "vRefPercent": NotRequired[float | None],
    "autonomousVRefS": NotRequired[float | None],
    "droop": NotRequired[Union[None, "FrequencyDroop"]],
    "enterService": NotRequired[Union[None, "EnterServiceInput"]],
})

Limits = TypedDict("Limits", {
    "importLimitW": NotRequired[int],
    "exportLimitW": NotRequired[int],
    "chargeLimitW": NotRequired[int],
    "dischargeLimitW": NotRequired[int],
    "generationLimitW": NotRequired[int],
    "loadLimitW": NotRequired[int],
    "perPhase": NotRequired["PhaseLimits"],
    "connect": NotRequired[bool],
    "energize": NotRequired[bool],
})

LimitsInput = TypedDict("LimitsInput", {
    "importLimitW": NotRequired[int | None],
    "exportLimitW": NotRequired[int | None],
    "chargeLimitW": NotRequired[int | None],
    "dischargeLimitW": NotRequired[int | None],
    "generationLimitW": NotRequired[int | None],
    "loadLimitW": NotRequired[int | None],
    "perPhase": NotRequired[Union[None, "PhaseLimitsInput"]],
    "connect": NotRequired[bool | None],
    "energize": NotRequired[bool | None],
})

Obligation = Literal["mandatory", "advisory"]

OnStale = Literal["holdSchedule", "failsafe"]

PercentBase = Literal["maxW", "maxVar", "availableVar", "nominalVoltage", "maxChargeW", "maxDischargeW", "availableW"]

PhaseLimit = TypedDict("PhaseLimit", {
    "importLimitA": NotRequired[float],
    "exportLimitA": NotRequired[float],
})

PhaseLimitInput = TypedDict("PhaseLimitInput", {
    "importLimitA": NotRequired[float | None],
    "exportLimitA": NotRequired[float | None],
})

PhaseLimits = TypedDict("PhaseLimits", {
    "L1": NotRequired["PhaseLimit"],
    "L2": NotRequired["PhaseLimit"],
    "L3": NotRequired["PhaseLimit"],
})

PhaseLimitsInput = TypedDict("PhaseLimitsInput", {
    "L1": NotRequired[Union[None, "PhaseLimitInput"]],
    "L2": NotRequired[Union[None, "PhaseLimitInput"]],
    "L3": NotRequired[Union[None, "PhaseLimitInput"]],
})

PriceSegment = TypedDict("PriceSegment", {
    "from": str,
    "until": str | None,
    "importPrice": NotRequired[float],
    "exportPrice": NotRequired[float],
    "cause": NotRequired["Cause"],
})

PriceSegmentInput = TypedDict("PriceSegmentInput", {
    "from": str,
    "until": NotRequired[str | None],
    "importPrice": NotRequired[float | None],
    "exportPrice": NotRequired[float | None],
    "cause": NotRequired[Union[None, "CauseInput"]],
})

PriceSeries = TypedDict("PriceSeries", {
    "seriesId": str,
    "revision": int,
    "siteId": str,
    "stream": "StreamId",
    "currency": str,
    "unit": str,
    "segments": list["PriceSegment"],
    "provenance": "Provenance",
})

PriceSeriesInput = TypedDict("PriceSeriesInput", {
    "seriesId": str,
    "revision": int,
    "siteId": str,
    "stream": "StreamId",
    "currency": str,
    "unit": str,
    "segments": list["PriceSegmentInput"],
    "provenance": "ProvenanceInput",
})

Problem = TypedDict("Problem", {
    "type": str,
    "title": str,
    "status": int,
    "detail": NotRequired[str],
    "pointer": NotRequired[str],
    "instance": NotRequired[str],
    "traceId": NotRequired[str],
    "errors": NotRequired[list[dict[str, Any]]],
})

Provenance = TypedDict("Provenance", {
    "protocol": str,
    "authority": str,
    "program": NotRequired[str],
})

ProvenanceInput = TypedDict("ProvenanceInput", {
    "protocol": str,
    "authority": str,
    "program": NotRequired[str | None],
})

PublishAnswer = TypedDict("PublishAnswer", {
    "results": list["PublishResult"],
    "epoch": NotRequired[str],
})

PublishResult = TypedDict("PublishResult", {
    "id": NotRequired[str],
    "status": "PublishStatus",
    "sequence": NotRequired[str],
    "heldRevision": NotRequired[int],
    "problem": NotRequired["Problem"],
})

PublishStatus = Literal["accepted", "duplicate", "stale", "rejected"]

PublisherAnswer = TypedDict("PublisherAnswer", {
    "epoch": str,
    "head": int,
    "incomplete": NotRequired[bool],
    "waitingFor": NotRequired[list[str]],
})

PublisherHello = TypedDict("PublisherHello", {
    "source": str,
    "restatedEpoch": NotRequired[str | None],
    "epoch": NotRequired[str | None],
    "head": NotRequired[int | None],
})

PublisherList = TypedDict("PublisherList", {
    "epoch": str,
    "incomplete": bool,
    "publishers": list["PublisherView"],
})

PublisherView = TypedDict("PublisherView", {
    "source": str,
    "tenant": str,
    "saysHello": bool,
    "restatedEpoch": NotRequired[str],
    "awaited": bool,
    "lastHeard": NotRequired[str],
    "forgot": NotRequired[bool],
})

Ramp = TypedDict("Ramp", {
    "seconds": NotRequired[float],
    "percentPerS": NotRequired[float],
    "softPercentPerS": NotRequired[float],
})

RampInput = TypedDict("RampInput", {
    "seconds": NotRequired[float | None],
    "percentPerS": NotRequired[float | None],
    "softPercentPerS": NotRequired[float | None],
})

Reading = TypedDict("Reading", {
    "at": str,
    "assetId": NotRequired[str],
    "netPowerW": NotRequired[int],
    "reactivePowerVar": NotRequired[int],
    "voltageV": NotRequired[float],
    "energyImportWh": NotRequired[int],
    "energyExportWh": NotRequired[int],
    "socPercent": NotRequired[float],
    "frequencyHz": NotRequired[float],
    "headroomUpW": NotRequired[int],
    "headroomDownW": NotRequired[int],
    "manualOverride": NotRequired[bool],
    "alarms": NotRequired[list["AlarmKind"]],
})

ReadingInput = TypedDict("ReadingInput", {
    "at": str,
    "assetId": NotRequired[str | None],
    "netPowerW": NotRequired[int | None],
    "reactivePowerVar": NotRequired[int | None],
    "voltageV": NotRequired[float | None],
    "energyImportWh": NotRequired[int | None],
    "energyExportWh": NotRequired[int | None],
    "socPercent": NotRequired[float | None],
    "frequencyHz": NotRequired[float | None],
    "headroomUpW": NotRequired[int | None],
    "headroomDownW": NotRequired[int | None],
    "manualOverride": NotRequired[bool | None],
    "alarms": NotRequired[list["AlarmKind"] | None],
})

Receipt = TypedDict("Receipt", {
    "envelopeId": str,
    "revision": int,
    "state": "ReceiptState",
    "at": str,
    "deficitW": NotRequired[int],
    "reason": NotRequired[str],
})

ReceiptInput = TypedDict("ReceiptInput", {
    "envelopeId": str,
    "revision": int,
    "state": "ReceiptState",
    "at": str,
    "deficitW": NotRequired[int | None],
    "reason": NotRequired[str | None],
})

ReceiptState = Literal["received", "accepted", "rejected", "started", "completed", "partial", "optedOut", "cannotComply"]

ReceivedReading = TypedDict("ReceivedReading", {
    "receivedAt": str,
    "reading": "Reading",
})

ReceivedReceipt = TypedDict("ReceivedReceipt", {
    "receivedAt": str,
    "stream": "StreamId",
    "receipt": "Receipt",
})

RunnerUpOfBoolean = TypedDict("RunnerUpOfBoolean", {
    "service": str,
    "key": str,
    "value": bool,
})

RunnerUpOfDecimal = TypedDict("RunnerUpOfDecimal", {
    "service": str,
    "key": str,
    "value": float,
})

RunnerUpOfInt64 = TypedDict("RunnerUpOfInt64", {
    "service": str,
    "key": str,
    "value": int,
})

Segment = TypedDict("Segment", {
    "from": str,
    "until": str | None,
    "limits": "Limits",
    "cause": NotRequired["Cause"],
    "bridged": NotRequired[bool],
    "functions": NotRequired[list["FunctionSetting"]],
    "ramp": NotRequired["Ramp"],
})

SegmentInput = TypedDict("SegmentInput", {
    "from": str,
    "until": NotRequired[str | None],
    "limits": "LimitsInput",
    "cause": NotRequired[Union[None, "CauseInput"]],
    "bridged": NotRequired[bool | None],
    "functions": NotRequired[list["FunctionSettingInput"] | None],
    "ramp": NotRequired[Union[None, "RampInput"]],
})

SiteEnvelopes = TypedDict("SiteEnvelopes", {
    "siteId": str,
    "epoch": str,
    "sequence": str,
    "asOf": str,
    "complete": bool,
    "envelopes": list["Envelope"],
    "withdrawn": NotRequired[list["Withdrawal"]],
    "prices": list["PriceSeries"],
    "incomplete": NotRequired[bool],
    "waitingFor": NotRequired[list[str]],
    "siteKnown": NotRequired[bool],
})

SiteList = TypedDict("SiteList", {
    "items": list["SiteOverview"],
    "next": NotRequired[str],
    "incomplete": NotRequired[bool],
    "waitingFor": NotRequired[list[str]],
})

SiteOverview = TypedDict("SiteOverview", {
    "siteId": str,
    "sequence": str,
    "lastChangeAt": NotRequired[str],
    "subscribers": int,
    "lastReadingAt": NotRequired[str],
    "lastReceiptAt": NotRequired[str],
    "netPowerW": NotRequired[int],
    "netPowerAt": NotRequired[str],
    "controller": NotRequired["ControllerSighting"],
    "unheard": list["UpstreamHealth"],
    "incomplete": NotRequired[bool],
})

SiteReadings = TypedDict("SiteReadings", {
    "items": list["ReceivedReading"],
    "next": NotRequired[str],
    "keptSince": NotRequired[str],
    "damaged": NotRequired[int],
})

SiteReceipts = TypedDict("SiteReceipts", {
    "items": list["ReceivedReceipt"],
    "next": NotRequired[str],
    "keptSince": NotRequired[str],
    "damaged": NotRequired[int],
})

StreamId = TypedDict("StreamId", {
    "service": str,
    "key": str,
})

TargetKind = Literal["site", "circuit", "evseGroup", "evse", "ess", "pv"]

TargetSegment = TypedDict("TargetSegment", {
    "from": str,
    "until": str | None,
    "targetW": NotRequired[int],
    "droop": NotRequired[list["DroopPoint"]],
    "cause": NotRequired["Cause"],
})

TargetSegmentInput = TypedDict("TargetSegmentInput", {
    "from": str,
    "until": NotRequired[str | None],
    "targetW": NotRequired[int | None],
    "droop": NotRequired[list["DroopPoint"] | None],
    "cause": NotRequired[Union[None, "CauseInput"]],
})

TargetTimeline = TypedDict("TargetTimeline", {
    "target": "EnvelopeTarget",
    "segments": list["EffectiveSegment"],
    "setpoints": list["EffectiveSetpoint"],
    "functions": NotRequired[list["EffectiveFunction"]],
    "ramps": NotRequired[list["EffectiveRamp"]],
    "advisory": list["AdvisoryTimeline"],
})

Tier = Literal["safety", "regulatory", "contractual", "market", "economic"]

UpstreamHealth = TypedDict("UpstreamHealth", {
    "stream": "StreamId",
    "status": "UpstreamStatus",
    "since": str,
    "detail": NotRequired[str],
})

UpstreamReport = TypedDict("UpstreamReport", {
    "source": str,
    "validFor": str,
    "streams": list["UpstreamStream"],
})

UpstreamStatus = Literal["ok", "stale", "lost"]

UpstreamStream = TypedDict("UpstreamStream", {
    "stream": "StreamId",
    "sites": list[str],
    "status": "UpstreamStatus",
    "since": str,
    "detail": NotRequired[str | None],
})

Withdrawal = TypedDict("Withdrawal", {
    "siteId": str,
    "target": "EnvelopeTarget",
    "stream": "StreamId",
    "revision": int,
    "reason": NotRequired[str],
})

WithdrawalInput = TypedDict("WithdrawalInput", {
    "siteId": str,
    "target": "EnvelopeTarget",
    "stream": "StreamId",
    "revision": int,
    "reason": NotRequired[str | None],
})
