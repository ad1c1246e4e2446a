using GridServices.Contracts;
using GridServices.Tariffs.Meters;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Tests.Meters;

public sealed class EnvelopeDraftsTests
{
    private static readonly Instant Now = Instant.FromUtc(2026, 1, 15, 0, 0);

    [Fact]
    public void A_cap_of_more_spans_than_an_envelope_takes_holds_in_every_one_of_them_and_says_so()
    {
        var tariff = CompiledTariff.Compile(Sample.Empty() with
        {
            Schedules =
            [
                new Schedule
                {
                    Id = "tou",
                    Rules = [.. Enumerable.Range(0, 700).Select(i => new ScheduleRule { Period = "on", From = new DayTime(2 * i), Until = new DayTime((2 * i) + 1) }), new ScheduleRule { Period = "off" }],
                },
            ],
        });
        var plan = new MeterPlan { SiteId = "site-1", TariffId = "t", Caps = [new PeriodCap { Id = "cap", Schedule = "tou", Period = "on", LimitW = 9_000 }] };

        var cap = Assert.Single(LiveMeter.Advance(plan, [tariff], MeterMemory.Empty, [], Now).Drafts);

        Assert.Equal(SegmentCoarsening.Most, cap.Segments.Length);
        Assert.Contains("1400 segments of limits", cap.Coarsened, StringComparison.Ordinal);
        Assert.All(Enumerable.Range(0, 700).SelectMany(i => new[] { 2 * i, 1_440 + (2 * i) }), minute =>
            Assert.Contains(cap.Segments, s => s.From <= At(minute) && s.Until >= At(minute + 1) && s.Limits.ImportLimitW == 9_000));

        static Instant At(int minute) => Now + Duration.FromMinutes(minute);
    }
}
