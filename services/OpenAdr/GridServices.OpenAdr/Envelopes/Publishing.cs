using GridServices.Contracts;
using GridServices.OpenAdr.Configuration;
using NodaTime;

namespace GridServices.OpenAdr.Envelopes;

/// <summary>
/// What must be published because of a step: the difference between what each stream stated at each site before it and states after it, from
/// now on. Nothing about sites is remembered: both sides are computed from configuration and state.
/// </summary>
internal static class Publishing
{
    public const string Service = "openadr";

    /// <summary>Raises the revisions in the step's state; the publications carry them.</summary>
    public static IReadOnlyList<EnginePublication> CreatePublications(StepContext context, VenState before, VenInput input)
    {
        var previous = input is VenInput.ConfigChanged { Previous: { } p } ? p : context.Config;
        var after = context.State;
        if (ReferenceEquals(previous, context.Config) && ReferenceEquals(before.Events, after.Events) && ReferenceEquals(before.Recovering, after.Recovering) && ReferenceEquals(before.Opts, after.Opts) && before.Registration == after.Registration)
        {
            return [];
        }

        var changes = new List<Change>();
        foreach (var key in StreamView.Keys(previous).Union(StreamView.Keys(context.Config), StringComparer.Ordinal))
        {
            Compare(context, key, (previous, before), changes);
        }

        var (now, seed) = (context.Now, changes.Count == 0 ? 0 : context.Random.Draw());
        return [.. changes.Select((change, number) => CreatePublication(change, now, SeededRandom.Uuid7(now, seed, number)))];
    }

    private static void Compare(StepContext context, string key, (VenConfig Config, VenState State) before, List<Change> changes)
    {
        var (old, view) = (StreamView.Find(before.Config, before.State, key, context.Now), StreamView.Find(context.Config, context.State, key, context.Now));
        if (old is null && view is null)
        {
            return;
        }

        var revision = context.State.Revisions.GetValueOrDefault(key) + 1;
        var found = changes.Count;
        var verdicts = new Dictionary<(SiteSchedule?, SiteSchedule?), (bool Limits, bool Prices)>(ReferenceComparer.Comparer);
        foreach (var (siteId, was, now) in Sites(before.Config, context.Config))
        {
            var pair = (was is null ? null : old?.GetSchedule(was), now is null ? null : view?.GetSchedule(now));
            if (!verdicts.TryGetValue(pair, out var same))
            {
                same = (SiteSchedule.HaveEqualLimits(pair.Item1, pair.Item2, context.Now), SiteSchedule.HaveEqualPrices(pair.Item1, pair.Item2, context.Now));
                verdicts[pair] = same;
            }

            if (!same.Limits)
            {
                changes.Add(new Change(siteId, key, revision, pair.Item2, null));
            }

            if (!same.Prices)
            {
                changes.Add(new Change(siteId, key, revision, null, pair.Item2 ?? pair.Item1! with { Prices = [] }));
            }
        }

        if (changes.Count > found)
        {
            // Architecture law 7: higher replaces. One counter serves all sites of the stream.
            context.State = context.State with { Revisions = context.State.Revisions.SetItem(key, revision) };
            foreach (var text in changes.Skip(found).Select(c => c.Schedule?.LimitsCoarsened ?? c.Prices?.PricesCoarsened).Where(t => t is { Length: > 0 }).Distinct())
            {
                context.Warn(NoteKind.EventReceived, ErrorClass.LimitCount, $"Stream {key} is published coarser than its events state it: {text}");
            }
        }
    }

    private static IEnumerable<(string SiteId, SiteConfig? Was, SiteConfig? Now)> Sites(VenConfig before, VenConfig after)
    {
        if (ReferenceEquals(before, after))
        {
            return after.AllSites().Select(s => (s.SiteId, (SiteConfig?)s, (SiteConfig?)s));
        }

        var was = before.AllSites().ToDictionary(s => s.SiteId, StringComparer.Ordinal);
        var now = after.AllSites().ToDictionary(s => s.SiteId, StringComparer.Ordinal);
        return was.Keys.Union(now.Keys, StringComparer.Ordinal).Select(id => (id, was.GetValueOrDefault(id), now.GetValueOrDefault(id)));
    }

    private static EnginePublication CreatePublication(Change change, Instant now, Guid id)
    {
        var stream = new StreamId(Service, change.Key);
        var target = new EnvelopeTarget(TargetKind.Site, change.SiteId);
        if (change.Prices is { } priced)
        {
            return new EnginePublication.PublishPrices(new PriceSeries
            {
                SeriesId = id,
                Revision = change.Revision,
                SiteId = change.SiteId,
                Stream = stream,
                Currency = priced.Currency,
                Unit = "kWh",
                Segments = [.. ScheduleDifference.Remaining(priced.Prices, now)],
                Provenance = priced.Provenance,
            });
        }

        return change.Schedule is { } schedule
            ? new EnginePublication.PublishEnvelope(new Envelope
            {
                EnvelopeId = id,
                Revision = change.Revision,
                SiteId = change.SiteId,
                Target = target,
                Stream = stream,
                Tier = schedule.Tier,
                Obligation = schedule.Obligation,
                Segments = [.. ScheduleDifference.Remaining(schedule.Segments, now)],
                Targets = [.. ScheduleDifference.Remaining(schedule.Targets, now)],
                Default = schedule.Default is { } limits ? new DefaultLimits { Limits = limits } : null,
                Failsafe = schedule.Failsafe,
                Provenance = schedule.Provenance,
            })
            : new EnginePublication.WithdrawEnvelope(new Withdrawal { SiteId = change.SiteId, Target = target, Stream = stream, Revision = change.Revision });
    }

    /// <summary>Either prices, or an envelope (<see cref="Schedule"/>), or its withdrawal (neither).</summary>
    private readonly record struct Change(string SiteId, string Key, long Revision, SiteSchedule? Schedule, SiteSchedule? Prices);

    /// <summary>Schedules come from the views' own caches, so the same kind of site is the same object.</summary>
    private sealed class ReferenceComparer : IEqualityComparer<(SiteSchedule? Old, SiteSchedule? New)>
    {
        public static ReferenceComparer Comparer { get; } = new();

        public bool Equals((SiteSchedule? Old, SiteSchedule? New) x, (SiteSchedule? Old, SiteSchedule? New) y) =>
            ReferenceEquals(x.Old, y.Old) && ReferenceEquals(x.New, y.New);

        public int GetHashCode((SiteSchedule? Old, SiteSchedule? New) pair) => HashCode.Combine(
            pair.Old is null ? 0 : System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(pair.Old),
            pair.New is null ? 0 : System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(pair.New));
    }
}
