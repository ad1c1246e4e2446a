using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Tests.Allocation;

/// <summary>Two days in Berlin in steps of five minutes: three users and the site's rest, kW.</summary>
internal sealed record SiteLoad(ImmutableArray<decimal[]> Users, decimal[] Rest)
{
    public const int StepMinutes = 5;
    public const int PerDay = 288;
    public const int Count = 2 * PerDay;

    /// <summary>Two system peaks of half an hour: intervals [From, Until).</summary>
    public static readonly ImmutableArray<(int From, int Until)> CallsAt = [(200, 206), (PerDay + 210, PerDay + 216)];

    private static readonly Instant Start = Instant.FromUtc(2026, 1, 9, 23, 0);

    public static BillingCycle Cycle => new(new LocalDate(2026, 1, 10), new LocalDate(2026, 1, 12));

    public static CalledEvent[] Calls => [.. CallsAt.Select(c => new CalledEvent("peak", At(c.From), At(c.Until)))];

    /// <summary>Every hour its own price, two of them negative.</summary>
    public static PriceCurve Prices => new("da", [.. Enumerable.Range(0, 48).Select(h => new PricePoint(At(h * 12), At((h + 1) * 12), GetPrice(h * 12)))]);

    public decimal[] Whole => [.. Enumerable.Range(0, Count).Select(t => Rest[t] + Users.Sum(u => u[t]))];

    public static decimal GetPrice(int t) => t / 12 % 24 is 3 or 4 ? -0.02m : 0.05m + t / 12 * 0.01m;

    public static int GetHour(int t) => t % PerDay / 12;

    public static IntervalSeries Series(decimal[] kw) => IntervalSeries.Create(Start, Duration.FromMinutes(StepMinutes), IntervalUnit.Kw, kw);

    /// <summary>The intervals from the first with load to the last, none where there is no load.</summary>
    public static IntervalSeries FromStartToEnd(decimal[] kw)
    {
        var (first, last) = (Math.Max(0, Array.FindIndex(kw, v => v > 0)), Array.FindLastIndex(kw, v => v > 0));
        return IntervalSeries.Create(At(first), Duration.FromMinutes(StepMinutes), IntervalUnit.Kw, kw.AsSpan(first, Math.Max(0, last + 1 - first)));
    }

    public SiteLoad Times(decimal k) => new([.. Users.Select(u => u.Select(v => v * k).ToArray())], [.. Rest.Select(v => v * k)]);

    /// <summary>A user as two that take half of it each, side by side.</summary>
    public SiteLoad Halved(int user)
    {
        decimal[] half = [.. Users[user].Select(v => v / 2)];
        return this with { Users = Users.RemoveAt(user).Insert(user, half).Insert(user, half) };
    }

    public static Gen<SiteLoad> Any() =>
        from users in Gen.ArrayOf(Load(), 3)
        from rest in Load()
        select new SiteLoad([.. users], rest);

    /// <summary>A few sessions of up to three hours.</summary>
    private static Gen<decimal[]> Load() =>
        from starts in Gen.ArrayOf(Gen.Choose(0, Count - 1), 4)
        from lengths in Gen.ArrayOf(Gen.Choose(1, 36), 4)
        from kw in Gen.ArrayOf(Gen.Choose(0, 60), 4)
        select Plateaus(starts, lengths, kw);

    private static decimal[] Plateaus(int[] starts, int[] lengths, int[] kw)
    {
        var load = new decimal[Count];
        for (var i = 0; i < starts.Length; i++)
        {
            Array.Fill(load, kw[i], starts[i], Math.Min(lengths[i], Count - starts[i]));
        }

        return load;
    }

    private static Instant At(int t) => Start + Duration.FromMinutes(t * StepMinutes);
}
