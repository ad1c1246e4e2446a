using System.Text.Json;
using GridServices.Contracts;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Tests.Scripts;
using NodaTime;

namespace GridServices.OpenAdr.Tests.Configuration;

public sealed class VenConfigTests
{
    private const string AsAPersonWritesIt = """
        { "vtnUrl": "https://vtn.example/OpenADR2/Simple/2.0b", "venName": "site-1", "siteId": "site-1", "transport": "pull",
          "pollInterval": "PT10S",
          "programs": [ { "marketContext": "http://utility.example/dr", "defaultPolicy": true, "stream": "PROG7", "tier": "contractual",
            "optPolicy": "auto", "signals": {
              "SIMPLE":       { "levels": { "0": {}, "1": { "importLimitW": 60000 }, "2": { "importLimitW": 30000 }, "3": { "importLimitW": 0 } } },
              "LOAD_CONTROL": { "referenceW": 100000 }, "LOAD_DISPATCH": { "target": true } } } ],
          "reports": [ { "kind": "TELEMETRY_USAGE", "rId": "power", "source": "site.netPowerW", "samplingInterval": "PT1M" } ] }
        """;

    [Fact]
    public void The_example_of_the_manual_is_read_and_usable()
    {
        var config = JsonSerializer.Deserialize<VenConfig>(AsAPersonWritesIt, ContractJson.Options)!;
        Assert.Empty(VenConfigRules.Check(config));
        Assert.Equal(Duration.FromSeconds(10), config.PollInterval);
        Assert.Equal(60_000, config.Programs[0].Signals.Simple!.Levels["1"].ImportLimitW);
        Assert.True(config.Programs[0].Signals.LoadDispatch!.Target);
        Assert.Equal(ReportKind.TelemetryUsage, config.Reports[0].Kind);
        Assert.Equal(Duration.FromMinutes(1), config.Reports[0].SamplingInterval);
        var again = JsonSerializer.Deserialize<VenConfig>(JsonSerializer.Serialize(config, ContractJson.Options), ContractJson.Options)!;
        Assert.Equal(JsonSerializer.Serialize(config, ContractJson.Options), JsonSerializer.Serialize(again, ContractJson.Options));
    }

    [Fact]
    public void Every_mistake_is_told_with_its_place_and_all_at_once()
    {
        var wrong = Configs.Reporting with
        {
            VtnUrl = "vtn.example",
            VenName = string.Empty,
            SiteId = "a/b",
            PinVenId = true,
            PollInterval = Duration.Zero,
            Programs = [Configs.Program with { Stream = "x y", MarketContext = null }, Configs.Program with { Stream = "x y", Default = new Limits { ImportLimitW = -1 } }],
            Reports = [Configs.Reporting.Reports[0] with { SamplingInterval = Duration.Zero, Source = "nope" }, Configs.Reporting.Reports[0]],
            ReportBufferPoints = 5,
        };
        string[] expected =
        [
            "/vtnUrl", "/venName", "/pinVenId", "/pollInterval", "/pollInterval", "/siteId", "/programs/0/stream", "/programs/0/marketContext", "/programs/1/stream",
            "/programs/1/stream", "/programs/1/default/importLimitW", "/reports/1/rId", "/reports/0/samplingInterval",
            "/reports/0/source", "/reportBufferPoints",
        ];
        Assert.Equal(expected.Order(StringComparer.Ordinal), VenConfigRules.Check(wrong).Select(p => p.Pointer).Order(StringComparer.Ordinal));
        Assert.Empty(VenConfigRules.Check(Configs.Reporting));
    }

    /// <summary>What the hub would refuse is refused here: one bad number would keep every limit of its stream from arriving.</summary>
    [Fact]
    public void What_no_envelope_may_state_and_no_message_can_hold_is_told_with_its_place()
    {
        var wrong = Configs.Reporting with
        {
            Programs =
            [
                Configs.Program with
                {
                    Default = new Limits { PerPhase = new PhaseLimits { L1 = new PhaseLimit { ImportLimitA = 16.1234m }, L2 = new PhaseLimit { ExportLimitA = 2_000_000 } } },
                    Failsafe = new Failsafe { StaleAfter = Duration.FromMilliseconds(500), OnStale = OnStale.Failsafe },
                },
            ],
            Targets = new TargetNames { ResourceIds = ["r1", "r\u0001"] },
            Reports = [Configs.Reporting.Reports[0] with { ResourceId = "r\uffff", MarketContext = string.Empty }],
        };
        string[] expected =
        [
            "/programs/0/default/perPhase/L1/importLimitA", "/programs/0/default/perPhase/L2/exportLimitA", "/programs/0/failsafe/staleAfter", "/programs/0/failsafe/limits",
            "/targets/resourceIds/1", "/reports/0/resourceId", "/reports/0/marketContext",
        ];
        Assert.Equal(expected.Order(StringComparer.Ordinal), VenConfigRules.Check(wrong).Select(p => p.Pointer).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Market_contexts_that_events_would_not_tell_apart_are_one_and_the_same()
    {
        var two = Configs.Ven with { Programs = [Configs.Program with { MarketContext = "http://Utility.example/dr" }, Configs.Program with { Stream = "OTHER", MarketContext = "HTTP://utility.EXAMPLE/dr" }] };
        Assert.Equal(["/programs/1/marketContext"], VenConfigRules.Check(two).Select(f => f.Pointer));
    }

    [Theory]
    [InlineData("https://vtn.example", true)]
    [InlineData("https://vtn.example/OpenADR2/Simple/2.0b/", false)]
    [InlineData("https://vtn.example/utility/OpenADR2/Simple/2.0b", false)]
    public void A_vtnUrl_that_does_not_end_as_the_standard_has_it_is_warned_of_and_told_where_the_vtn_answers_404(string url, bool isOdd)
    {
        var config = Configs.Ven with { VtnUrl = url };
        Assert.Equal(isOdd, VenConfigRules.Warnings(config).Any(w => w.StartsWith("/vtnUrl:", StringComparison.Ordinal)));
        var ven = VenScript.Registered(config);
        ven.Fails(TransportFailure.HttpStatus, 404);
        Assert.Equal(isOdd, ven.Notes.Exists(n => n.Text.Contains("rule 511", StringComparison.Ordinal)));
    }
}
