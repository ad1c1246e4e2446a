using FsCheck;
using FsCheck.Fluent;
using GridServices.Contracts.Functions;
using NodaTime;

namespace GridServices.Contracts.Tests.Merging;

/// <summary>
/// Generators on a small grid, so that boundaries collide, values tie and everything that is special turns up often:
/// open ends, absent next to 0, false next to true, defaults, adjacent equal segments.
/// </summary>
internal static class Generate
{
    public const int Hours = 6;

    /// <summary>Every instant at which something can change, just before it, just after it, between, and far out.</summary>
    public static readonly IReadOnlyList<Instant> Probes =
    [
        Sample.Hour(-1000),
        .. Enumerable.Range(-1, Hours + 3).SelectMany(h => new[]
        {
            Sample.Hour(h) - Duration.Epsilon, Sample.Hour(h), Sample.Hour(h) + Duration.Epsilon, Sample.Hour(h) + Duration.FromMinutes(30),
        }),
        Sample.Hour(1000),
    ];

    public static readonly Gen<Limits> Limits =
        from import in Watts
        from export in Watts
        from charge in Watts
        from discharge in Watts
        from generation in Watts
        from load in Watts
        from phases in Phases
        from connect in Flag
        from energize in Flag
        select new Limits
        {
            ImportLimitW = import,
            ExportLimitW = export,
            ChargeLimitW = charge,
            DischargeLimitW = discharge,
            GenerationLimitW = generation,
            LoadLimitW = load,
            PerPhase = phases,
            Connect = connect,
            Energize = energize,
        };

    /// <summary>An envelope of site-1 with the given streams to choose from.</summary>
    public static Gen<Envelope> Envelope(params string[] keys) =>
        from key in Gen.Elements(keys)
        from target in Gen.Elements(Targets)
        from tier in Gen.Elements(Enum.GetValues<Tier>())
        from obligation in Gen.Frequency((5, Gen.Constant(Obligation.Mandatory)), (1, Gen.Constant(Obligation.Advisory)))
        from segments in Spans(Stated, static (begin, end, s) => s with { From = begin, Until = end })
        from setpoints in Spans(Setpoint, static (begin, end, s) => s with { From = begin, Until = end })
        from between in Gen.OneOf(Gen.Constant<Limits?>(null), Limits.Select(l => (Limits?)l))
        select new Envelope
        {
            EnvelopeId = Sample.CreateId(key, 1),
            Revision = 1,
            SiteId = "site-1",
            Target = target,
            Stream = new StreamId("test", key),
            Tier = tier,
            Obligation = obligation,
            Segments = segments,
            Targets = setpoints,
            Default = between is null ? null : new DefaultLimits { Limits = between },
            Provenance = new Provenance { Protocol = "test", Authority = "test" },
        };

    /// <summary>Live envelopes of a site: one per (target, stream).</summary>
    public static Gen<IReadOnlyList<Envelope>> Live => Envelope("a", "b", "c", "d", "e").ListOf()
        .Select(list => (IReadOnlyList<Envelope>)[.. list.DistinctBy(StreamKey.From)]);

    public static Gen<LimitSchedule> Schedule => Envelope("a").Select(LimitSchedule.From);

    /// <summary>[from, until) on and off the grid, sometimes without end.</summary>
    public static Gen<(Instant From, Instant? Until)> Window =>
        from begin in Gen.Choose(-2, (2 * Hours) + 1)
        from length in Gen.Choose(1, 2 * Hours)
        from open in Gen.Elements(true, false)
        let start = Sample.Start + Duration.FromMinutes(30 * begin)
        select (start, open ? (Instant?)null : start + Duration.FromMinutes(30 * length));

    public static Gen<T> Shuffled<T, TItem>(IReadOnlyList<TItem> items, Func<IReadOnlyList<TItem>, T> build) =>
        Gen.Shuffle(items.ToArray()).Select(i => build(i));

    /// <summary>Runs a law 1,000 times; a counter-example is thrown with its input.</summary>
    public static void Holds<T>(this Gen<T> inputs, Func<T, bool> law) =>
        Prop.ForAll(Arb.From(inputs), law).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    private static Gen<long?> Watts => Gen.Elements<long?>(null, null, null, 0, 1000, 2000, 3000);

    private static Gen<bool?> Flag => Gen.Elements<bool?>(null, null, true, false);

    private static Gen<decimal?> Amperes => Gen.Elements<decimal?>(null, 0, 10, 16.5m, 16.50m);

    private static Gen<PhaseLimit?> Phase =>
        from import in Amperes
        from export in Amperes
        from absent in Gen.Elements(true, false)
        select absent ? null : new PhaseLimit { ImportLimitA = import, ExportLimitA = export };

    private static Gen<PhaseLimits?> Phases =>
        from l1 in Phase
        from l2 in Phase
        from l3 in Phase
        from absent in Gen.Elements(true, true, false)
        select absent ? null : new PhaseLimits { L1 = l1, L2 = l2, L3 = l3 };

    private static Gen<Segment> Stated =>
        from limits in Limits
        from fixedVar in Gen.Elements<decimal?>(null, null, null, 10, 20)
        from factor in Gen.Elements<decimal?>(null, null, 0.9m, 1)
        from ramp in Gen.Elements<decimal?>(null, null, 30, 60)
        let functions = new[] { (FunctionKind.FixedVar, fixedVar), (FunctionKind.FixedPowerFactorInject, factor) }
        select new Segment
        {
            From = default,
            Limits = limits,
            Functions = fixedVar is null && factor is null ? null
                : [.. functions.Where(f => f.Item2 is not null).Select(f => new FunctionSetting { Kind = f.Item1, Value = f.Item2, OverExcited = f.Item1 == FunctionKind.FixedVar ? null : true })],
            Ramp = ramp is null ? null : new Ramp { Seconds = ramp },
        };

    private static Gen<TargetSegment> Setpoint =>
        from w in Gen.Elements<long?>(null, -2500, -1000, 0, 500, 1000, 2500)
        select new TargetSegment { From = default, TargetW = w, Droop = w is null ? Droop : null };

    private static readonly DroopPoint[] Droop = [new(49.8m, -1000), new(50.2m, 1000)];

    private static readonly EnvelopeTarget[] Targets =
    [
        new(TargetKind.Site, "site-1"), new(TargetKind.Site, "site-1"), new(TargetKind.Evse, "evse-1"), new(TargetKind.Ess, "ess-1"), new(TargetKind.Pv, "pv-1"),
    ];

    /// <summary>Cuts some hours out of the grid and fills each with a value or a gap; the last may be open.</summary>
    private static Gen<IReadOnlyList<TItem>> Spans<TValue, TItem>(Gen<TValue> value, Func<Instant, Instant?, TValue, TItem> build) =>
        from hours in Gen.Choose(0, Hours).ListOf()
        let cuts = hours.Distinct().Order().ToArray()
        from open in Gen.Elements(true, false)
        from filled in Gen.Frequency((3, Gen.Constant(true)), (1, Gen.Constant(false))).ListOf(cuts.Length)
        from values in value.ListOf(cuts.Length)
        select (IReadOnlyList<TItem>)
        [
            .. Enumerable.Range(0, cuts.Length)
                .Where(i => i + 1 < cuts.Length ? filled[i] : open)
                .Select(i => build(Sample.Hour(cuts[i]), i + 1 < cuts.Length ? Sample.Hour(cuts[i + 1]) : null, values[i])),
        ];
}
