using GridServices.FrequencyResponse.Allocation;
using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Measurement;
using GridServices.FrequencyResponse.Outages;
using GridServices.FrequencyResponse.Performance;
using GridServices.FrequencyResponse.Service.HotPath;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Recording;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.FrequencyResponse.Service.Setpoints;
using GridServices.Wire;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Tests.Recording;

/// <summary>What is declared as not available is neither paid nor penalised; what is declared late does as the contract's terms say.</summary>
public sealed class DeclaredPeriodTests
{
    private static readonly Instant Start = Instant.FromUtc(2027, 1, 15, 18, 0);

    [Theory]
    [InlineData(0, LateOutage.NonDelivery, 1)]
    [InlineData(900, LateOutage.NonDelivery, 0.5)]
    [InlineData(900, LateOutage.Unavailable, 1)]
    public void An_outage_of_half_a_period_costs_its_time_and_more_only_where_it_was_declared_late(int lateSeconds, LateOutage outage, double factor)
    {
        var declared = new OutageEffect(900, lateSeconds, 900, 0);
        var period = Period();
        for (var minute = 0; minute < 15; minute++)
        {
            period = period.With(Minute(minute), SettlementRule.None);
        }

        var closed = period.Declaring(declared).Close(1_800, declared, outage);
        Assert.Equal((1_800, 900, factor), (closed.ProcuredSeconds, closed.AvailableSeconds, closed.Factor));
        Assert.Equal(factor / 2, closed.Performance, 9);

        // Nobody was away: it is declared.
        Assert.Equal(["declared"], closed.Reasons);
        var block = SettlementBlock.Create(closed.Record(), 10, 0);
        Assert.Equal((decimal)factor / 2, block.Measured * block.Performance);
    }

    [Fact]
    public void Of_a_de_rated_minute_the_share_that_is_left_is_available()
    {
        // 400 of 1,000 kW left for the whole minute, of which the service was up for a half.
        var declared = new OutageEffect(36, 0, 0, 400_000);
        var left = Minute(0) with { QuantityW = 400_000, AvailableSeconds = 30 };
        Assert.Equal(12, Period().With(left, SettlementRule.None, declared).AvailableSeconds, 9);

        // Followed a moment late, it is not paid for that moment.
        Assert.Equal(24, Period().With(Minute(0), SettlementRule.None, declared).AvailableSeconds, 9);
    }

    [Fact]
    public void What_was_recorded_with_less_than_the_quantity_is_paid_with_less_also_where_nothing_is_declared_of_it() =>
        Assert.Equal(24, Period().With(Minute(0) with { QuantityW = 400_000 }, SettlementRule.None).AvailableSeconds, 9);

    /// <summary>Sold until 18:00:40, de-rated to 400 of 1,000 kW for the first 20 s; of the minute, the last `recorded` seconds were seen.</summary>
    [Theory]
    [InlineData(40, 12)]
    [InlineData(30, 6)]
    [InlineData(20, 0)]
    public void Where_the_sold_window_ends_within_a_minute_its_declared_part_is_found(double recorded, double declaredSeconds)
    {
        var settings = new ContractSettings { SiteId = "site-1", Windows = [new ArmingWindow(Start, Start + Duration.FromSeconds(40))], Assets = [], Sources = [] };
        var contract = new PoolContract("c1", settings, ServiceCatalog.BuiltIn.Find("GB-DCL")!, 1_000_000)
        {
            Outages = [new OutageStretch(Start, Start + Duration.FromSeconds(20), 400_000, Start)],
        };
        Assert.Equal(declaredSeconds, contract.DeclaredInLast(recorded, new Interval(Start, Start + Duration.FromMinutes(1))).DeratedSeconds, 9);
    }

    /// <summary>18:01 was seen; an outage of its last half minute was declared late. Then the contract is deleted, with its declarations.</summary>
    [Theory]
    [InlineData(null, 0.5)]
    [InlineData(LateOutage.Unavailable, 1)]
    public void A_contract_that_is_deleted_keeps_what_was_declared_late(LateOutage? outage, double factor)
    {
        var settings = new ContractSettings
        {
            SiteId = "site-1",
            Windows = [new ArmingWindow(Start, null)],
            Assets = [],
            Sources = ["meter"],
            Outages = outage is { } stated ? new OutageTerms { Late = stated } : null,
        };
        var contract = new PoolContract("c1", settings, ServiceCatalog.BuiltIn.Find("GB-DCL")!, 1_000_000)
        {
            Outages = [new OutageStretch(Start + Duration.FromSeconds(30), Start + Duration.FromSeconds(60), 0, Start + Duration.FromSeconds(30))],
        };
        var id = new EntryId("default", "ess");
        var config = ControllerConfig.Build(new ControllerSettings
        {
            Sources = [new SourceConfig { Name = "meter", PeriodNanos = 50_000_000 }],
            Contracts = ValueList.Create<ServiceContract>([PoolParts.Contract(contract)]),
        }).Config!;
        var spec = new PoolSpec(id, "site-1", [contract], [], ["meter"], config, new AllocationRules(), 0);
        using var wake = new EventWaitHandle(false, EventResetMode.AutoReset);
        using var pool = new Pool(spec, default, AllocationPlan.Build([], [], spec.Rules, 0), new SetpointSender([], 0), new MonotonicClock(), SystemClock.Instance, wake);
        var table = new PoolTable();
        table.Set([pool]);
        var book = new PeriodTracker(null!, table);
        book.Commit(book.Process([new RecordedEvent.Minute(id, "c1", Minute(0), default)], null, [], out _));
        table.Set([]);
        var closed = Assert.Single(book.Process([], Start + Duration.FromHours(1), [], out _)).Period;
        Assert.Equal((true, factor), (closed.Closed, closed.Factor));
    }

    [Fact]
    public void Time_that_was_sold_neither_seen_nor_declared_is_still_told_apart()
    {
        var declared = new OutageEffect(600, 0, 600, 0);
        Assert.Equal(["declared", "notWriter"], Period().With(Minute(0), SettlementRule.None).Declaring(declared).Close(1_800, declared).Reasons.Order());
    }

    private static SettledPeriod Period() => new() { From = Start, Until = Start + Duration.FromMinutes(30), QuantityW = 1_000_000, Source = MeterSource.None };

    private static PeriodRecord Minute(int at) => new()
    {
        Period = new Interval(Start + Duration.FromMinutes(at), Start + Duration.FromMinutes(at + 1)),
        QuantityW = 1_000_000,
        ProcuredSeconds = 60,
        AvailableSeconds = 60,
        MeasuredSeconds = 60,
        Source = MeterSource.Telemetry,
        Reasons = UnavailableReasons.None,
        RaisedWh = 0,
        LoweredWh = 0,
        AskedRaiseWh = 0,
        AskedLowerWh = 0,
        ErrorPu = 0,
        Factor = 1,
    };
}
