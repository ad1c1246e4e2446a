using System.Text;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.Tariffs.Intensity;
using GridServices.Tariffs.Meters;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Tests.Meters;

/// <summary>Hours of excess renewables: advice, said again only when it changes what a controller would do.</summary>
public sealed class ExcessRenewablesTests
{
    private static readonly Instant Now = Instant.FromUtc(2026, 4, 15, 10, 0);
    private static readonly ExcessRenewables Excess = new() { GridZone = "CAISO", AtMostGrams = 50, DrawW = 80_000 };
    private static readonly MeterPlan Plan = new() { SiteId = "site-1", TariffId = "t", Telemetry = false, ExcessRenewables = Excess };
    private static readonly CompiledTariff Tariff = CompiledTariff.Compile(Sample.Empty());

    [Fact]
    public void The_hours_are_an_advisory_set_point_of_the_zone_and_no_limit()
    {
        var draft = Assert.Single(LiveMeter.Advance(Plan, [Tariff], MeterMemory.Empty, [], Now).WithExcess(Excess, Curve((1, 3, 20), (5, 6, 0)), Now).Drafts);
        var envelope = draft.Envelope(Plan, Tariff, Guid.CreateVersion7(), 1);
        Assert.Equal(("tariff/excess-renewables", Obligation.Advisory, Tier.Economic, "CAISO"), (envelope.Stream.ToString(), envelope.Obligation, envelope.Tier, envelope.Provenance.Authority));
        Assert.Empty(envelope.Segments);
        Assert.Equal([(At(1), At(3), 80_000L), (At(5), At(6), 80_000L)], envelope.Targets.Select(t => (t.From, t.Until!.Value, t.TargetW!.Value)));

        var timeline = Assert.Single(EffectiveEnvelope.Merge("site-1", [envelope], At(0), At(6)).Targets);
        Assert.Empty(timeline.Setpoints);
        Assert.Equal(2, Assert.Single(timeline.Advisory).Targets.Count);
    }

    [Fact]
    public void Time_that_passes_and_points_that_change_nothing_are_no_news_another_hour_is()
    {
        var held = Draft(Now, (1, 3, 20), (40, 41, 10));
        Assert.Null(PublicationPolicy.DueAt(held, Now, Draft(At(2), (1, 2, 20), (2, 3, 45), (40, 41, 0)), At(2)));
        Assert.Null(PublicationPolicy.DueAt(held, Now, Draft(At(4), (1, 3, 20), (40, 41, 10), (49, 50, 10)), At(4)));
        Assert.Equal(At(2), PublicationPolicy.DueAt(held, Now, Draft(At(2), (1, 3, 60), (40, 41, 10)), At(2)));
        Assert.Equal(At(2), PublicationPolicy.DueAt(held, Now, Draft(At(2), (1, 3, 20), (4, 5, 10), (40, 41, 10)), At(2)));
    }

    [Fact]
    public void A_draft_is_kept_as_it_was_said_and_one_of_before_still_reads()
    {
        var draft = Draft(Now, (1, 3, 20));
        var kept = JsonSerializer.Deserialize<EnvelopeDraft>(JsonSerializer.Serialize(draft, ContractJson.Options), ContractJson.Options)!;
        Assert.Equal(("CAISO", draft.Targets[0]), (kept.GridZone, Assert.Single(kept.Targets)));
        var old = JsonSerializer.Deserialize<EnvelopeDraft>("""{"stream":"peak-cap","segments":[],"obligation":"advisory","isStale":false}""", ContractJson.Options)!;
        Assert.Empty(old.Targets);
    }

    [Theory]
    [InlineData("\"gridZone\":\"a b\",\"atMostGrams\":50,\"drawW\":1", "/excessRenewables/gridZone")]
    [InlineData("\"gridZone\":\"a\",\"atMostGrams\":-1,\"drawW\":1", "/excessRenewables/atMostGrams")]
    [InlineData("\"gridZone\":\"a\",\"atMostGrams\":50,\"drawW\":-1", "/excessRenewables/drawW")]
    public void What_cannot_be_is_refused_at_its_place(string members, string path)
    {
        var read = MeterPlanJson.Read(Encoding.UTF8.GetBytes($$$"""{"siteId":"s","tariffId":"t","excessRenewables":{{{{members}}}}}"""), _ => [Tariff]);
        Assert.Contains(read.Refusals, r => r.Path == path);
    }

    private static EnvelopeDraft Draft(Instant now, params (int From, int Until, decimal Grams)[] points) => Assert.Single(LiveMeter.Advance(Plan, [Tariff], MeterMemory.Empty, [], now).WithExcess(Excess, Curve(points), now).Drafts);

    private static IntensityCurve Curve(params (int From, int Until, decimal Grams)[] points) => new("CAISO", [.. points.Select(p => new IntensityPoint(At(p.From), At(p.Until), p.Grams))]);

    private static Instant At(int hours) => Now + Duration.FromHours(hours);
}
