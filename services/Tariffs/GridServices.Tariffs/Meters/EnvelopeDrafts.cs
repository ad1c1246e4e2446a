using System.Collections.Immutable;
using System.Text.Json.Serialization;
using GridServices.Contracts;
using GridServices.Tariffs.Demand;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Meters;

/// <summary>The schedule of one stream, before it gets an id and a revision.</summary>
/// <param name="Stream">Key of the stream under service <c>tariff</c>.</param>
/// <param name="Segments">The whole schedule.</param>
/// <param name="Obligation">Whether the site must.</param>
/// <param name="IsStale">The meter is silent; the schedule is the fail-safe.</param>
public sealed record EnvelopeDraft(string Stream, ImmutableArray<Segment> Segments, Obligation Obligation, bool IsStale = false)
{
    /// <summary>Advisory: what a breach costs.</summary>
    public BreachPrice? Breach { get; init; }

    /// <summary>What holds if the line to the controller is dead.</summary>
    public Failsafe? Failsafe { get; init; }

    /// <summary>Advisory: what the site is asked to do.</summary>
    public ImmutableArray<TargetSegment> Targets { get; init; } = [];

    /// <summary>The grid zone whose intensity says so; absent = the tariff does.</summary>
    public string? GridZone { get; init; }

    /// <summary>What of the limits could not be stated exactly, for people; null: all is stated.</summary>
    [JsonIgnore]
    public string? Coarsened { get; init; }

    /// <summary>The envelope of this draft.</summary>
    public Envelope Envelope(MeterPlan plan, CompiledTariff tariff, Guid id, long revision) => new()
    {
        EnvelopeId = id,
        Revision = revision,
        SiteId = plan.SiteId,
        Target = plan.Boundary,
        Stream = new StreamId(EnvelopeDrafts.Service, Stream),
        Tier = Tier.Economic,
        Obligation = Obligation,
        BreachPrice = Breach,
        Segments = Segments,
        Targets = Targets,
        Failsafe = Failsafe,
        Provenance = GridZone is null
            ? new Provenance { Protocol = "tariff", Authority = $"{tariff.Source.Id} {tariff.Source.Version} sha256:{tariff.Hash}", Program = tariff.Source.Id }
            : new Provenance { Protocol = "grid intensity", Authority = GridZone },
    };

    /// <summary>Whether it says the same as what was published before, leaving out when it was said.</summary>
    public bool HasSameContent(EnvelopeDraft? other) =>
        other is not null && other.Obligation == Obligation && other.Breach == Breach && other.Failsafe == Failsafe && other.IsStale == IsStale
        && Normalize(Segments).SequenceEqual(Normalize(other.Segments));

    // The first segment starts with each reading anew, and the last one ends with the horizon; neither is news.
    private static IEnumerable<(Instant? From, Instant? Until, Limits Limits, string? Cause)> Normalize(ImmutableArray<Segment> segments) =>
        segments.Select((s, i) => (i == 0 ? (Instant?)null : s.From, i + 1 == segments.Length ? null : s.Until, s.Limits, s.Cause?.EventId));
}

/// <summary>From the lines of a meter to the schedules that it publishes.</summary>
internal static class EnvelopeDrafts
{
    public const string Service = "tariff";
    public static readonly Duration Horizon = Duration.FromHours(48);

    public static ImmutableArray<EnvelopeDraft> Compute(MeterPlan plan, CompiledTariff tariff, Instant? asOf, ImmutableArray<DemandMeter> meters, Instant now)
    {
        var drafts = ImmutableArray.CreateBuilder<EnvelopeDraft>(1 + plan.Caps.Length);
        if (!meters.IsEmpty)
        {
            drafts.Add(LiveMeter.IsStale(plan, asOf, now) ? Stale(plan, asOf, now) : Peak(plan, tariff, meters, now));
        }

        drafts.AddRange(plan.Caps.Select(cap => Cap(plan, tariff, cap, now)));
        return drafts.ToImmutable();
    }

    private static EnvelopeDraft Peak(MeterPlan plan, CompiledTariff tariff, ImmutableArray<DemandMeter> meters, Instant now)
    {
        // Advice that nobody can give is not given; a cap that must hold falls back to what is declared safe.
        var unknownKw = plan.Obligation == Obligation.Mandatory ? plan.FailsafeW / 1000m : null;
        var allowances = meters.SelectMany(m => m.Outlook(now, now + Horizon, unknownKw)).ToArray();
        var limits = SegmentCoarsening.Limits(Tightest(allowances, plan.PhysicalW, out var price));
        return new EnvelopeDraft(LiveMeter.PeakCap, [.. limits.Segments], plan.Obligation)
        {
            Coarsened = limits.Describe("limits"),
            Breach = plan.Obligation == Obligation.Advisory ? Breach(price, tariff.Source.Currency) : null,
            Failsafe = CreateFailsafe(plan),
        };
    }

    /// <summary>At each moment the smallest allowance holds, and is named.</summary>
    private static List<Segment> Tightest(DemandAllowance[] allowances, long? physicalW, out decimal price)
    {
        var segments = new List<Segment>();
        DemandAllowance? first = null;
        foreach (var span in SegmentSweep.Run(allowances, a => (a.From, a.Until)))
        {
            var least = span.Active.MinBy(a => a.Kw)!;
            if (Watts(least.Kw) is var watts && !(watts >= physicalW))
            {
                first ??= least;
                segments.Add(Limit(span.From, span.Until, watts, $"{least.Charge} {least.Period}"));
            }
        }

        price = first?.PricePerKw ?? 0;
        return SegmentJoin.Run(segments);
    }

    /// <summary>Without readings only the declared fail-safe is known to be right.</summary>
    private static EnvelopeDraft Stale(MeterPlan plan, Instant? asOf, Instant now) => new(
        LiveMeter.PeakCap,
        plan.FailsafeW is { } watts ? [Limit(now, null, watts, asOf is not { } at ? "no reading yet" : at > now ? $"the clock was set back: readings up to {at} are known" : $"meter silent since {at}")] : [],
        plan.Obligation,
        IsStale: true)
    {
        Failsafe = CreateFailsafe(plan),
    };

    private static EnvelopeDraft Cap(MeterPlan plan, CompiledTariff tariff, PeriodCap cap, Instant now)
    {
        var spans = cap.Schedule is null
            ? [new PeriodSpan(now, now + Horizon, "all")]
            : PeriodSpans.Compute(tariff, cap.Schedule, now, now + Horizon, plan.Events).Where(s => s.Period == cap.Period);
        var limits = SegmentCoarsening.Limits([.. spans.Select(s => Limit(s.From, cap.Schedule is null ? null : s.Until, cap.LimitW, $"{cap.Id} {cap.Period ?? "always"}"))]);
        return new EnvelopeDraft(cap.Id, [.. limits.Segments], cap.Obligation) { Coarsened = limits.Describe("limits") };
    }

    private static Segment Limit(Instant from, Instant? until, long watts, string cause) => new()
    {
        From = from,
        Until = until,
        Limits = new Limits { ImportLimitW = watts },
        Cause = new Cause { EventId = cause },
    };

    private static BreachPrice? Breach(decimal price, string currency) => price > 0 ? new BreachPrice(decimal.Round(price, 6), currency, BreachUnit.Kw) : null;

    private static Failsafe? CreateFailsafe(MeterPlan plan) => plan.FailsafeW is { } watts
        ? new Failsafe { StaleAfter = plan.StaleAfter, OnStale = OnStale.Failsafe, Limits = new Limits { ImportLimitW = watts } }
        : null;

    /// <summary>Toward zero (architecture law 1): a fraction of a watt is never allowed on top.</summary>
    private static long Watts(decimal kw) => (long)decimal.Truncate(Math.Min(kw, 1_000_000_000) * 1000);
}
