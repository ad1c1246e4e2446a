using GridServices.Wire;
using NodaTime;

namespace GridServices.OpenAdr.Messages;

/// <summary>Either way: what I can report (METADATA); without reports: nothing (rule 301).</summary>
public sealed record OadrRegisterReport : OadrMessage
{
    public required string RequestId { get; init; }
    public ValueList<OadrReport> Reports { get; init; } = [];
    public string? VenId { get; init; }

    /// <summary>The METADATA request that asked for this; null when nobody asked (rule 311).</summary>
    public string? ReportRequestId { get; init; }
}

/// <summary>Answer to METADATA; may carry report requests at once (rule 344).</summary>
public sealed record OadrRegisteredReport(EiResponse Response, ValueList<ReportRequest> ReportRequests, string? VenId) : OadrMessage
{
    /// <summary>Why the report requests can't be read, all of them: the answer holds without them, and they are answered alone.</summary>
    internal ReadError? RiderFault { get; init; }
}

/// <summary>Asks for reports.</summary>
public sealed record OadrCreateReport(string RequestId, ValueList<ReportRequest> ReportRequests, string? VenId) : OadrMessage;

/// <summary>Answer to <see cref="OadrCreateReport"/>; names every report still to come (rule 329).</summary>
public sealed record OadrCreatedReport(EiResponse Response, ValueList<string> PendingReports, string? VenId) : OadrMessage;

/// <summary>Data.</summary>
public sealed record OadrUpdateReport : OadrMessage
{
    public required string RequestId { get; init; }
    public ValueList<OadrReport> Reports { get; init; } = [];
    public string? VenId { get; init; }
}

/// <summary>Data received; may cancel reports at once (rule 328).</summary>
public sealed record OadrUpdatedReport(EiResponse Response, OadrCancelReport? CancelReport, string? VenId) : OadrMessage
{
    /// <summary>Why the cancellation can't be read: the answer holds without it, and it is answered alone.</summary>
    internal ReadError? RiderFault { get; init; }
}

/// <param name="RequestId">To be echoed.</param>
/// <param name="ReportRequestIds">At least one.</param>
/// <param name="ReportToFollow">True: send what you have once more (rule 345).</param>
/// <param name="VenId">Mandatory towards a VEN by rule, optional by schema.</param>
public sealed record OadrCancelReport(string RequestId, ValueList<string> ReportRequestIds, bool ReportToFollow, string? VenId) : OadrMessage;

public sealed record OadrCanceledReport(EiResponse Response, ValueList<string> PendingReports, string? VenId) : OadrMessage;

/// <summary>A report: its description (METADATA) or its data.</summary>
public sealed record OadrReport
{
    public Instant? Start { get; init; }

    /// <summary>Data: the period covered (rule 315). METADATA: how much can be kept (rule 312).</summary>
    public Period? Duration { get; init; }

    public ValueList<ReportInterval> Intervals { get; init; } = [];
    public string? ReportId { get; init; }
    public ValueList<ReportDescription> Descriptions { get; init; } = [];

    /// <summary>"0" in METADATA.</summary>
    public required string ReportRequestId { get; init; }

    public required string ReportSpecifierId { get; init; }

    /// <summary>One of <see cref="ReportNames"/> or an <c>x-</c> name.</summary>
    public string? ReportName { get; init; }

    public required Instant CreatedDateTime { get; init; }
}

/// <summary>One column of a report.</summary>
public sealed record ReportDescription
{
    public required string RId { get; init; }

    /// <summary>Device class only (rule 307).</summary>
    public EiTarget? Subject { get; init; }

    public EiTarget? DataSource { get; init; }

    /// <summary>ei:reportType: usage, demand, x-resourceStatus…, or an <c>x-</c> name.</summary>
    public required string ReportType { get; init; }

    public ItemBase? ItemBase { get; init; }

    /// <summary>ei:readingType: <c>Direct Read</c>, <c>x-notApplicable</c>…, or an <c>x-</c> name.</summary>
    public required string ReadingType { get; init; }

    public string? MarketContext { get; init; }
    public SamplingRate? SamplingRate { get; init; }
}

public sealed record SamplingRate(Period MinPeriod, Period MaxPeriod, bool OnChange);

/// <param name="Start">All intervals of a report or none (rule 314).</param>
/// <param name="Duration">All or none; null = a point in time (rule 315).</param>
/// <param name="Uid">Where there is no start (rule 316).</param>
/// <param name="Payloads">Values, one per rID.</param>
/// <param name="GreenButtonFeeds">atom:feed elements as XML text.</param>
public sealed record ReportInterval(
    Instant? Start, Period? Duration, string? Uid, ValueList<ReportPayload> Payloads, ValueList<string> GreenButtonFeeds);

public sealed record ReportPayload
{
    public required string RId { get; init; }

    /// <summary>0 to 100 %.</summary>
    public uint? Confidence { get; init; }

    /// <summary>In the units of the value.</summary>
    public double? Accuracy { get; init; }

    /// <summary>A finite number, or null when <see cref="Status"/> is given; exactly one of the two.</summary>
    public double? Value { get; init; }

    public ResourceStatus? Status { get; init; }

    /// <summary>One of <see cref="DataQuality"/> or an <c>x-</c> text.</summary>
    public string? Quality { get; init; }
}

public sealed record ResourceStatus(bool Online, bool ManualOverride, LoadControlState? LoadControlState);

public sealed record LoadControlState(LoadControlValue? Capacity, LoadControlValue? LevelOffset, LoadControlValue? PercentOffset, LoadControlValue? SetPoint);

public sealed record LoadControlValue(double? Min, double? Max, double Current, double? Normal);

public sealed record ReportRequest(string ReportRequestId, ReportSpecifier Specifier);

public sealed record ReportSpecifier
{
    /// <summary>"METADATA" asks for METADATA (rule 510).</summary>
    public required string ReportSpecifierId { get; init; }

    /// <summary>Sampling; zero = on change (rule 317).</summary>
    public required Period Granularity { get; init; }

    /// <summary>How often to send; zero = once (rule 324).</summary>
    public required Period ReportBackDuration { get; init; }

    public CalendarInterval? ReportInterval { get; init; }
    public required ValueList<SpecifierPayload> Payloads { get; init; }
}

public sealed record SpecifierPayload(string RId, ItemBase? ItemBase, string ReadingType);

/// <summary>The report names of the profile; METADATA carries them with the prefix <see cref="MetadataPrefix"/> (rule 331).</summary>
public static class ReportNames
{
    public const string MetadataPrefix = "METADATA_";
    public const string HistoryUsage = "HISTORY_USAGE";
    public const string HistoryGreenButton = "HISTORY_GREENBUTTON";
    public const string TelemetryUsage = "TELEMETRY_USAGE";
    public const string TelemetryStatus = "TELEMETRY_STATUS";
}

/// <summary>The data qualities a VEN writes; the profile names more.</summary>
public static class DataQuality
{
    public const string NoValue = "No Quality - No Value";
    public const string PreviousValueUsed = "No New Value - Previous Value Used";
    public const string Bad = "Quality Bad - Non Specific";
    public const string BadNotConnected = "Quality Bad - Not Connected";
    public const string BadLastKnownValue = "Quality Bad - Last Known Value";
    public const string BadCommFailure = "Quality Bad - Comm Failure";
    public const string Uncertain = "Quality Uncertain - Non Specific";
    public const string UncertainSubNormal = "Quality Uncertain - Sub Normal";
    public const string Good = "Quality Good - Non Specific";
}
