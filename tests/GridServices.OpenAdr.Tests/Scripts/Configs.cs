using GridServices.Contracts;
using GridServices.OpenAdr.Configuration;
using NodaTime;

namespace GridServices.OpenAdr.Tests.Scripts;

/// <summary>The VEN most tests speak of: one site, one program.</summary>
internal static class Configs
{
    public const string MarketContext = "http://mc.example/dr1";

    public static ProgramConfig Program { get; } = new()
    {
        MarketContext = MarketContext,
        Stream = "PROG7",
        Signals = new SignalPolicies
        {
            Simple = new SimplePolicy
            {
                Levels = new Dictionary<string, Limits>(StringComparer.Ordinal)
                {
                    ["0"] = Limits.None,
                    ["1"] = new() { ImportLimitW = 60_000 },
                    ["2"] = new() { ImportLimitW = 30_000 },
                    ["3"] = new() { ImportLimitW = 0 },
                },
            },
            LoadControl = new LoadControlPolicy { ReferenceW = 100_000 },
            LoadDispatch = new LoadDispatchPolicy { Target = true },
            ElectricityPrice = new PricePolicy { Currency = "USD", BasePrice = 0.20m },
        },
        Failsafe = new Failsafe { StaleAfter = Duration.FromMinutes(2), OnStale = OnStale.HoldSchedule },
    };

    public static VenConfig Ven { get; } = new()
    {
        VtnUrl = "http://vtn.example/OpenADR2/Simple/2.0b",
        VenName = "ven-under-test",
        SiteId = "site-1",
        PollInterval = Duration.FromSeconds(10),
        Programs = [Program],
    };

    public static VenConfig With(Func<ProgramConfig, ProgramConfig> change) => Ven with { Programs = [change(Program)] };

    /// <summary>What <see cref="Reporting"/> has, and its past.</summary>
    public static VenConfig WithHistory => Reporting with
    {
        Reports =
        [
            .. Reporting.Reports,
            new ReportConfig { Kind = ReportKind.HistoryUsage, RId = "past-power", Source = ReportSources.NetPowerW },
            new ReportConfig { Kind = ReportKind.HistoryUsage, RId = "past-energy", Source = ReportSources.EnergyImportWh },
            new ReportConfig { Kind = ReportKind.HistoryGreenButton, RId = "gb-energy", Source = ReportSources.EnergyImportWh },
            new ReportConfig { Kind = ReportKind.HistoryGreenButton, RId = "gb-power", Source = ReportSources.NetPowerW },
        ],
    };

    public static VenConfig Reporting { get; } = Ven with
    {
        Reports =
        [
            new ReportConfig { Kind = ReportKind.TelemetryUsage, RId = "power", Source = ReportSources.NetPowerW, SamplingInterval = Duration.FromMinutes(1) },
            new ReportConfig { Kind = ReportKind.TelemetryUsage, RId = "energy", Source = ReportSources.EnergyImportWh, SamplingInterval = Duration.FromMinutes(1) },
            new ReportConfig { Kind = ReportKind.TelemetryStatus, RId = "status", ResourceId = "r1", SamplingInterval = Duration.FromMinutes(1) },
        ],
    };
}
