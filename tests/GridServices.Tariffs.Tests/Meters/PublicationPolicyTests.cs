using System.Collections.Immutable;
using GridServices.Contracts;
using GridServices.Tariffs.Meters;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Tests.Meters;

/// <summary>What is published of a reading a second: little, and never late where it tightens.</summary>
public sealed class PublicationPolicyTests
{
    private static readonly Instant Start = Instant.FromUtc(2026, 1, 15, 12, 0);
    private static readonly MeterPlan Plan = new() { SiteId = "site-1", TariffId = "t", TargetW = 100_000, FailsafeW = 20_000 };

    private static readonly ImmutableArray<CompiledTariff> Tariff = [CompiledTariff.Compile(Sample.Empty() with
    {
        Demand = [new DemandCharge { Id = "d", Rates = [Sample.PerKw("all", 12)], Window = new DemandWindow { Minutes = 15 } }],
    })];

    [Fact]
    public void What_tightens_by_more_than_a_step_is_due_at_once_and_what_loosens_waits()
    {
        var held = Draft((0, 900, 90_000), (900, 3600, 100_000));
        Assert.Equal(At(1), Due(held, Draft((0, 900, 89_000), (900, 3600, 100_000)), 1));
        Assert.Equal(At(10), Due(held, Draft((0, 900, 95_000), (900, 3600, 100_000)), 1));
        Assert.Equal(At(11), Due(held, Draft((0, 900, 95_000), (900, 3600, 100_000)), 11));
        Assert.Null(Due(held, Draft((0, 900, 89_915), (900, 3600, 100_000)), 1));
    }

    [Fact]
    public void A_later_part_that_tightens_is_due_at_once_also_where_nothing_was_stated()
    {
        var held = Draft((0, 900, 90_000));
        Assert.Equal(At(1), Due(held, Draft((0, 900, 95_000), (7200, 9000, 50_000)), 1));
        Assert.Equal(At(10), Due(Draft((0, 900, 90_000), (900, 3600, 100_000)), held, 1));
        Assert.Equal(At(1), Due(held, held with { IsStale = true }, 1));
        Assert.Equal(At(1), Due(held, held with { Obligation = Obligation.Mandatory }, 1));
    }

    [Fact]
    public void A_window_that_the_held_schedule_already_foresees_is_no_news() =>
        Assert.Null(Due(Draft((0, 900, 90_000), (900, 172_800, 100_000)), Draft((900, 1800, 100_000), (1800, 173_700, 100_000)), 900));

    /// <summary>An hour of readings a second, around the target, far below it and far above it.</summary>
    [Theory]
    [InlineData(30_000, 0, 400)]
    [InlineData(99_000, 8_000, 1_000)]
    [InlineData(130_000, 0, 1_500)]
    public void An_hour_of_readings_a_second_is_a_few_publications_and_none_is_late(int watts, int swing, int most)
    {
        var (memory, published, count, worst) = (MeterMemory.Empty, (Draft: (EnvelopeDraft?)null, At: Start), 0, 0L);
        for (var second = 0; second < 3600; second++)
        {
            var now = At(second);
            var power = watts + (int)(swing * Math.Sin(second * 0.7));
            var step = LiveMeter.Read(Plan, Tariff, memory, [new Reading { At = now, NetPowerW = power }], now);
            memory = step.Memory;
            var draft = Assert.Single(step.Drafts);
            if (published.Draft is null || PublicationPolicy.DueAt(published.Draft, published.At, draft, now) <= now)
            {
                (published, count) = ((draft, now), count + 1);
            }

            var (said, right) = (Limit(published.Draft!, now), Limit(draft, now));
            worst = Math.Max(worst, (said ?? long.MaxValue) - (right ?? long.MaxValue) - PublicationPolicy.ComputeStep(said ?? 0));
        }

        Assert.True(worst <= 0, $"what was held allowed {worst} W more than a step above what is right");
        Assert.True(count <= most, $"{count} publications in an hour");
    }

    private static long? Limit(EnvelopeDraft draft, Instant at) => draft.Segments.FirstOrDefault(s => s.From <= at && (s.Until is null || s.Until > at))?.Limits.ImportLimitW;

    private static Instant? Due(EnvelopeDraft held, EnvelopeDraft draft, int second) => PublicationPolicy.DueAt(held, Start, draft, At(second));

    private static EnvelopeDraft Draft(params (int From, int Until, long Watts)[] segments) => new(
        LiveMeter.PeakCap, [.. segments.Select(s => new Segment { From = At(s.From), Until = At(s.Until), Limits = new Limits { ImportLimitW = s.Watts }, Cause = new Cause { EventId = "d all" } })], Obligation.Advisory);

    private static Instant At(int seconds) => Start + Duration.FromSeconds(seconds);
}
