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

    public static (ScheduledReport? Report, (int Code, string Text)? Fault) Judge(VenConfig config, ReportRequest request, Instant now)
    {
        var specifier = request.Specifier;

        // OpenADR 2.0b rule 304: specifier and rIDs must be ones we offered.
        if (Channels.KindOf(config, specifier.ReportSpecifierId) is not { } kind)
        {
            return Refuse(OadrCodes.InvalidId, "this reportSpecifierID is not offered");
        }

        var channels = specifier.Payloads.Select(p => Channels.Of(config, kind, p.RId)).OfType<ReportConfig>().ToList();
        if (channels.Count == 0 || channels.Count != specifier.Payloads.Count)
        {
            return Refuse(OadrCodes.InvalidId, "an rID is not offered by this report");
        }

        // OpenADR 2.0b rule 304: a number in another unit than the one offered would be misread by the factor between the two.
        if (specifier.Payloads.Select(p => UnitFault(Channels.Of(config, kind, p.RId)!, p)).FirstOrDefault(f => f is not null) is { } unit)
        {
            return Refuse(OadrCodes.ReportNotSupported, unit);
        }

        var interval = specifier.ReportInterval;
        if (Length(specifier.Granularity) is not { } granularity || Length(specifier.ReportBackDuration) is not { } reportBack
            || Length(interval?.Duration ?? Period.Zero) is not { } length)
        {
            return Refuse(OadrCodes.ComplianceError, "granularity, reportBackDuration and duration must be exact, positive and at most ten years");
        }

        if (interval is not null && (interval.Start < Earliest || interval.Start > Latest))
        {
            return Refuse(OadrCodes.ComplianceError, "the report's dtstart is not within 2000..2200");
        }

        if (reportBack != Duration.Zero && Offered(config, channels, granularity, reportBack) is { } fault)
        {
            return Refuse(OadrCodes.InvalidData, fault);
        }

        // OpenADR 2.0b rule 325: the start may be in the future; duration zero is for ever.
        var from = interval is { Start: var start } && start > now ? start : now;
        Instant? until = length == Duration.Zero || interval is null ? null : interval.Start + length;
        var due = reportBack == Duration.Zero ? from : from + reportBack;
        return (new ScheduledReport
        {
            ReportRequestId = request.ReportRequestId,
            Kind = kind,
            RIds = channels.Select(c => c.RId).ToValueList(),
            Granularity = granularity,
            ReportBack = reportBack,
            CoveredUntil = from,
            Due = until is { } end && end < due ? Instant.Max(end, now) : due,
            Until = until,
        }, null);
    }

    // OpenADR 2.0b rules 317, 340: between the sampling rates offered and not longer than a message; more than offered is 454.
    private static string? Offered(VenConfig config, List<ReportConfig> channels, Duration granularity, Duration reportBack)
    {
        if (reportBack < Duration.FromSeconds(1))
        {
            return "reportBackDuration is below one second";
        }

        if (granularity == Duration.Zero)
        {
            return null;
        }

        return channels.Any(c => granularity < c.SamplingInterval || granularity > Channels.Coarsest(config, c)) ? "granularity is outside the sampling rate offered"
            : granularity > reportBack ? "granularity is longer than reportBackDuration"
            : reportBack / granularity > Channels.BufferPoints(config) ? "a message would hold more intervals than are kept"
            : null;
    }

    private static string? UnitFault(ReportConfig channel, SpecifierPayload asked)
    {
        if (asked.ItemBase is not { } unit || channel.Kind != ReportKind.TelemetryUsage)
        {
            return null;
        }

        var offered = Metadata.Unit(channel);
        return (unit.Kind, unit.Units, unit.Scale) == (offered.Kind, offered.Units, offered.Scale)
            ? null
            : $"rID {SafeText.Short(asked.RId)} is asked for in {SignalText.UnitOf(unit)} and offered in {SignalText.UnitOf(offered)}";
    }

    private static Duration? Length(Period period) =>
        period.Exactly() is { } exact && exact >= Duration.Zero && exact <= Longest ? exact : null;

    private static (ScheduledReport?, (int, string)?) Refuse(int code, string text) => (null, (code, text));
}
