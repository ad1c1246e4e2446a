using GridServices.Contracts;
using NodaTime;

namespace GridServices.Tariffs.Tests.Demand;

public sealed class DemandEnvelopeTests
{
    private static readonly Instant Start = Instant.FromUtc(2026, 1, 15, 12, 0);

    private static readonly CompiledTariff Tariff = CompiledTariff.Of(Sample.Empty() with
    {
        Demand = [new DemandCharge { Id = "d", Rates = [Sample.PerKw("all", 12)], Window = new DemandWindow { Minutes = 15 } }],
    });

    private static readonly DemandEnvelopePolicy Policy = new() { SiteId = "site-1", FailsafeKw = 20 };

    [Fact]
    public void The_headroom_is_published_until_its_window_ends_with_the_price_of_a_breach()
    {
        var envelope = Of(State(6, 24), Policy, Start + Duration.FromMinutes(6))!;
        var segment = Assert.Single(envelope.Segments);
        Assert.Equal((Start + Duration.FromMinutes(6), Start + Duration.FromMinutes(15), 173_333L), (segment.From, segment.Until!.Value, segment.Limits.ImportLimitW));
        Assert.Equal((Tier.Economic, Obligation.Advisory, new BreachPrice(12, "EUR", BreachUnit.Kw)), (envelope.Tier, envelope.Obligation, envelope.BreachPrice));
        Assert.Equal("d", segment.Cause!.EventId);
        Assert.Contains(Tariff.Hash, envelope.Provenance.Authority);
    }

    [Fact]
    public void A_mandatory_cap_carries_no_breach_price() =>
        Assert.Null(Of(State(6, 24), Policy with { Obligation = Obligation.Mandatory }, Start + Duration.FromMinutes(6))!.BreachPrice);

    [Fact]
    public void Of_several_charges_the_smallest_headroom_binds_and_is_named()
    {
        var envelope = DemandEnvelope.Of([State(6, 24), State(6, 40) with { Charge = "tight" }], Tariff, Policy, Guid.NewGuid(), 1, Start + Duration.FromMinutes(6))!;
        Assert.Equal("tight", envelope.Segments[0].Cause!.EventId);
    }

    [Fact]
    public void A_silent_meter_gives_the_fail_safe_limit()
    {
        var envelope = Of(State(6, 24), Policy, Start + Duration.FromMinutes(9))!;
        Assert.Equal((20_000L, null), (envelope.Segments[0].Limits.ImportLimitW, envelope.Segments[0].Until));
        Assert.Null(Of(State(6, 24), Policy with { FailsafeKw = null }, Start + Duration.FromMinutes(9)));
    }

    [Fact]
    public void A_limit_above_the_connection_says_nothing() =>
        Assert.Null(Of(State(6, 24), Policy with { PhysicalKw = 150 }, Start + Duration.FromMinutes(6)));

    private static Envelope? Of(DemandState state, DemandEnvelopePolicy policy, Instant now) => DemandEnvelope.Of([state], Tariff, policy, Guid.NewGuid(), 1, now);

    private static DemandState State(int minutes, decimal kwh)
    {
        var meter = new DemandMeter(Tariff, Tariff.Source.Demand[0], new BillingCycle(new LocalDate(2026, 1, 1), new LocalDate(2026, 2, 1)), Start, _ => 200);
        meter.Add(Start + Duration.FromMinutes(minutes), kwh);
        return meter.State();
    }
}
