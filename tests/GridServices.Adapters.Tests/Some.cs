using FsCheck;
using FsCheck.Fluent;
using GridServices.Adapters.Lines;
using GridServices.Contracts;
using NodaTime;

namespace GridServices.Adapters.Tests;

/// <summary>Sites as adapters see them, by hand and at random; and what they allow, computed by another way than the product's.</summary>
internal static class Some
{
    public static readonly Instant Now = Instant.FromUtc(2027, 1, 15, 18, 0) + Duration.FromMilliseconds(250);
    public static readonly SiteRules Rules = new() { FailsafeImportW = 7_000, FailsafeExportW = 500, PhaseVolts = 207 };

    private static readonly Binding By = new("openadr", "PROG7", new Guid("0198a000-0000-7000-8000-000000000001"), Tier.Contractual);

    public static Bound<T> Bound<T>(T value)
        where T : struct => new(value, By);

    public static EffectiveLimits Import(long watts) => new() { ImportLimitW = Bound(watts) };

    /// <summary>Limits one after the other, each so many seconds long, the last without end.</summary>
    public static SiteView View(bool known, params (int Seconds, EffectiveLimits Limits)[] segments) => View(known, segments.Select(s => (Duration.FromSeconds(s.Seconds), s.Limits)));

    public static SiteView View(bool known, IEnumerable<(Duration For, EffectiveLimits Limits)> segments)
    {
        List<EffectiveSegment> made = [];
        foreach (var (length, limits) in segments)
        {
            var from = made.LastOrDefault()?.Until ?? Now;
            made.Add(new EffectiveSegment { From = from, Until = from + length, Limits = limits });
        }

        if (made.Count > 0)
        {
            made[^1] = made[^1] with { Until = null };
        }

        return new SiteView { SiteId = "site-1", At = Now, Segments = made, IsKnown = known, State = known ? "controlled" : "failsafe", SinceHeard = known ? Duration.FromSeconds(3) : null };
    }

    /// <summary>What the hub allows at an instant; null: anything.</summary>
    public static long? Allowed(SiteView view, Quantity quantity, Instant at)
    {
        var limits = view.Segments.LastOrDefault(s => s.From <= at)?.Limits ?? EffectiveLimits.None;
        long?[] phase = [Phase(limits.PerPhase?.L2?.ImportLimitA)];
        long?[] parts = quantity switch
        {
            Quantity.ImportLimitW => [limits.ImportLimitW?.Value],
            Quantity.ExportLimitW => [limits.ExportLimitW?.Value],
            Quantity.ChargeLimitW => [limits.ChargeLimitW?.Value],
            Quantity.LoadLimitW => [limits.LoadLimitW?.Value],
            Quantity.DischargeLimitW => [limits.DischargeLimitW?.Value],
            Quantity.GenerationLimitW => [limits.GenerationLimitW?.Value],
            Quantity.ConsumptionW => [limits.ImportLimitW?.Value, limits.LoadLimitW?.Value, limits.ChargeLimitW?.Value],
            _ => [limits.ExportLimitW?.Value, limits.GenerationLimitW?.Value, limits.DischargeLimitW?.Value],
        };
        var isOfPhase = quantity is Quantity.ImportLimitW or Quantity.ConsumptionW;
        var unknown = view.IsKnown || parts.All(p => p is not null) ? null : (long?)Rules.GetFailsafe(quantity);
        return parts.Concat(isOfPhase ? phase : []).Append(unknown).Append(limits.Connect is { Value: false } ? 0 : null).Min();
    }

    private static long? Phase(Bound<decimal>? amperes) => amperes is null ? null : (long)(amperes.Value * 207 * 0.9m);

    /// <summary>Whether a peer that is told so much keeps the limit; null on either side: anything.</summary>
    public static bool IsWithin(long? told, long? allowed) => allowed is null || told <= allowed;

    private static readonly Gen<long?> Watts = Gen.OneOf(Gen.Constant<long?>(null), Gen.Constant<long?>(0), Gen.Choose(1, 20_000).Select(w => (long?)w));

    private static readonly Gen<EffectiveLimits> Limits =
        from import in Watts
        from export in Watts
        from charge in Watts
        from other in Watts
        from amperes in Gen.OneOf(Gen.Constant<decimal?>(null), Gen.Choose(0, 63_000).Select(a => (decimal?)(a / 1000m)))
        from off in Gen.Choose(0, 9)
        select new EffectiveLimits
        {
            ImportLimitW = ToBound(import),
            ExportLimitW = ToBound(export),
            ChargeLimitW = ToBound(charge),
            LoadLimitW = ToBound(other),
            DischargeLimitW = ToBound(other),
            GenerationLimitW = ToBound(charge),
            PerPhase = amperes is { } a ? new EffectivePhases { L2 = new EffectivePhase { ImportLimitA = Bound(a) } } : null,
            Connect = off == 0 ? Bound(false) : null,
        };

    /// <summary>Up to twenty spans from milliseconds to half an hour, known or not.</summary>
    public static readonly Arbitrary<SiteView> Views = (
        from known in Gen.Elements(true, true, false)
        from spans in (from limits in Limits from ms in Gen.OneOf(Gen.Choose(1, 3_000), Gen.Choose(1_000, 1_800_000)) select (Duration.FromMilliseconds(ms), limits)).ArrayOf().Resize(20)
        select View(known, spans)).ToArbitrary();

    private static Bound<long>? ToBound(long? watts) => watts is { } w ? Bound(w) : null;
}
