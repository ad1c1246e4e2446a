using GridServices.Contracts;
using GridServices.OpenAdr.Codec;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Signals;
using GridServices.Wire;
using NodaTime;

namespace GridServices.OpenAdr.Reports;

/// <summary>Whether a report request can be served.</summary>
internal static class ReportRules
{
    private static readonly Instant Earliest = Instant.FromUtc(2000, 1, 1, 0, 0);
    private static readonly Instant Latest = Instant.FromUtc(2200, 1, 1, 0, 0);
    private static readonly Duration Longest = Duration.FromDays(3660);

    public static (ScheduledReport? Report, (int Code, string Text)? Fault) CreateReport(VenConfig config, ReportRequest request, Instant now)
    {
        var specifier = request.Specifier;

        // OpenADR 2.0b rule 304: specifier and rIDs must be ones we offered.
        if (Channels.FindKind(config, specifier.ReportSpecifierId) is not { } kind)
        {
            return Refuse(OadrCodes.InvalidId, "this reportSpecifierID is not offered");
        }

        if (specifier.Payloads.Count == 0 || specifier.Payloads.Any(p => Channels.Find(config, kind, p.RId) is null))
        {
            return Refuse(OadrCodes.InvalidId, "an rID is not offered by this report");
        }

        // Interpretation: the standard names no code for it, and a number in another unit than the one offered would be misread by the factor between the two.
        if (specifier.Payloads.Select(p => UnitFault(Channels.Find(config, kind, p.RId)!, p)).FirstOrDefault(f => f is not null) is { } unit)
        {
            return Refuse(OadrCodes.ReportNotSupported, unit);
        }

        return ParseRequest(config, kind, request) is not { } asked
            ? Refuse(OadrCodes.ComplianceError, "granularity, reportBackDuration and duration must be exact, positive and at most ten years")
            : !IsInCalendar(asked.Start) ? Refuse(OadrCodes.ComplianceError, "the report's dtstart is not within 2000..2200")
            : Offered(config, asked) is { } fault ? Refuse(OadrCodes.InvalidData, fault)
            : Channels.IsHistory(kind) ? History.CreateReport(asked, now)
            : Telemetry(asked, now) is { } telemetry ? (telemetry, null)
            : Refuse(OadrCodes.ComplianceError, "the report's interval is over: telemetry is of what is to come");
    }

    private static ValidReportRequest? ParseRequest(VenConfig config, ReportKind kind, ReportRequest request)
    {
        var specifier = request.Specifier;
        return Length(specifier.Granularity) is { } granularity && Length(specifier.ReportBackDuration) is { } reportBack
            && Length(specifier.ReportInterval?.Duration ?? Period.Zero) is { } length
            ? new ValidReportRequest(
                request.ReportRequestId, kind, [.. specifier.Payloads.Select(p => Channels.Find(config, kind, p.RId)!).Distinct()],
                granularity, reportBack, specifier.ReportInterval?.Start, length)
            : null;
    }

    /// <summary>True also where there is none.</summary>
    public static bool IsInCalendar(Instant? start) => !(start < Earliest || start > Latest);

    // OpenADR 2.0b rule 325: the start may be in the future; duration zero is for ever.
    private static ScheduledReport? Telemetry(ValidReportRequest request, Instant now)
    {
        var from = request.Start is { } start && start > now ? start : now;
        var until = request.Length == Duration.Zero ? null : request.Start + request.Length;
        if (until <= now)
        {
            return null;
        }

        var due = from + request.ReportBack;
        return request.From(from, until is { } end && end < due ? Instant.Max(end, now) : due, until);
    }

    // OpenADR 2.0b rules 317, 340: between the sampling rates offered and not longer than a message; more than offered is 454.
    private static string? Offered(VenConfig config, ValidReportRequest request)
    {
        var (granularity, reportBack) = (request.Granularity, request.ReportBack);
        var isOnce = reportBack == Duration.Zero;
        if (!isOnce && reportBack < Duration.FromSeconds(1))
        {
            return "reportBackDuration is below one second";
        }

        // Of telemetry sent once the granularity does not matter.
        if (granularity == Duration.Zero || (isOnce && !Channels.IsHistory(request.Kind)))
        {
            return null;
        }

        return request.Channels.Any(c => granularity < c.SamplingInterval || granularity > Channels.Coarsest(config, c)) ? "granularity is outside the sampling rate offered"
            : isOnce ? null
            : granularity > reportBack ? "granularity is longer than reportBackDuration"
            : reportBack / granularity > Channels.BufferPoints(config) ? "a message would hold more intervals than are kept"
            : null;
    }

    private static string? UnitFault(ReportConfig channel, SpecifierPayload asked)
    {
        if (asked.ItemBase is not { } unit || Metadata.Unit(channel) is not { } offered)
        {
            return null;
        }

        return (unit.Kind, unit.Units, unit.Scale) == (offered.Kind, offered.Units, offered.Scale)
            ? null
            : $"rID {SafeText.Short(asked.RId)} is asked for in {SignalText.FormatUnit(unit)} and offered in {SignalText.FormatUnit(offered)}";
    }

    /// <summary>An exact duration from zero to ten years; else null.</summary>
    public static Duration? Length(Period period) =>
        period.Exactly() is { } exact && exact >= Duration.Zero && exact <= Longest ? exact : null;

    private static (ScheduledReport?, (int, string)?) Refuse(int code, string text) => (null, (code, text));
}
