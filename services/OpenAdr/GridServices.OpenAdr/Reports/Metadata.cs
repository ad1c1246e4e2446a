using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.Wire;
using NodaTime;

namespace GridServices.OpenAdr.Reports;

/// <summary>METADATA: what this VEN can report, and the request for the VTN's.</summary>
internal static class Metadata
{
    /// <summary>OpenADR 2.0b rule 510: the specifier that asks for METADATA.</summary>
    public const string Specifier = "METADATA";

    // OpenADR 2.0b rules 301, 306, 311: sent even with nothing to offer; all capabilities at once; the request that asked for it stands at the
    // root, and every report inside has reportRequestID 0.
    public static OadrRegisterReport Create(VenConfig config, VenState state, string? reportRequestId, string requestId, Instant now) => new()
    {
        RequestId = requestId,
        VenId = state.Registration?.VenId,
        ReportRequestId = reportRequestId,
        Reports = config.Reports.GroupBy(r => r.Kind).Select(g => Report(config, state, g.Key, [.. g], now)).ToValueList(),
    };

    /// <param name="requestId">Its reportRequestID too.</param>
    /// <param name="reportBack">How often it is to come; zero: once.</param>
    public static ReportRequest Request(string requestId, Duration reportBack) => new(requestId, new ReportSpecifier
    {
        ReportSpecifierId = Specifier,
        Granularity = Period.Zero,
        ReportBackDuration = reportBack.ToPeriod(),

        // OpenADR 2.0b rules 338, 510: rID 0, and no reading type applies.
        Payloads = [new SpecifierPayload("0", null, "x-notApplicable")],
    });

    private static OadrReport Report(VenConfig config, VenState state, ReportKind kind, List<ReportConfig> channels, Instant now) => new()
    {
        // OpenADR 2.0b rule 312: how far back it reaches; no channel samples more coarsely than that.
        Duration = channels.Select(c => Channels.Reach(config, c)).Min().ToPeriod(),
        ReportRequestId = "0",
        ReportSpecifierId = Channels.GetSpecifier(kind),

        // OpenADR 2.0b rule 331.
        ReportName = ReportNames.MetadataPrefix + Channels.GetName(kind),
        CreatedDateTime = now,
        Descriptions = channels.Select(c => Describe(config, state, c)).ToValueList(),
    };

    // OpenADR 2.0b rule 307: a reportSubject names a device class and nothing else; channels are of whole sites, so they have none.
    private static ReportDescription Describe(VenConfig config, VenState state, ReportConfig channel) => new()
    {
        RId = channel.RId,
        DataSource = channel.ResourceId is { } resource
            ? new EiTarget { ResourceIds = [resource] }
            : new EiTarget { VenIds = [state.Registration?.VenId ?? config.VenName] },

        // OpenADR 2.0b rule 331: the types that go with each report name.
        ReportType = channel.Kind == ReportKind.TelemetryStatus ? "x-resourceStatus" : "usage",
        ReadingType = channel.Kind is ReportKind.TelemetryUsage or ReportKind.HistoryUsage ? "Direct Read" : "x-notApplicable",
        ItemBase = Unit(channel),
        MarketContext = channel.MarketContext,

        // OpenADR 2.0b rule 333.
        SamplingRate = new SamplingRate(channel.SamplingInterval.ToPeriod(), Channels.Coarsest(config, channel).ToPeriod(), OnChange: !Channels.IsHistory(channel.Kind)),
    };

    /// <summary>The unit of its numbers; null: it has no numbers, or they say their units themselves.</summary>
    public static ItemBase? Unit(ReportConfig channel) => channel.Kind is ReportKind.TelemetryStatus or ReportKind.HistoryGreenButton ? null
        : channel.Source is ReportSources.EnergyImportWh or ReportSources.EnergyExportWh
        ? new ItemBase { Kind = ItemKind.EnergyReal, Description = "RealEnergy", Units = "Wh", Scale = SiScale.None }
        : new ItemBase
        {
            Kind = ItemKind.PowerReal,
            Description = "RealPower",
            Units = "W",
            Scale = SiScale.None,
            PowerAttributes = new PowerAttributes(channel.Hertz, channel.Voltage, Ac: true),
        };
}
