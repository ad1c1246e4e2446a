using System.Collections.Immutable;
using GridServices.Contracts;
using GridServices.EnvelopeHub.History;
using GridServices.EnvelopeHub.Sites;
using NodaTime;

namespace GridServices.Simulation.Hub;

/// <summary>What the hub's store holds: history, publishers, the log of the one site. Immutable: a commit makes the next.</summary>
internal sealed record HubData
{
    public string? Epoch { get; init; }

    public Instant BeganAt { get; init; }

    public ImmutableSortedSet<string> Past { get; init; } = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);

    /// <summary>The number of the last commit.</summary>
    public long Commits { get; init; }

    public ImmutableList<CommitRun> Runs { get; init; } = [];

    /// <summary>The first number of the present run; null: none has begun.</summary>
    public long? PresentRun { get; init; }

    public ImmutableSortedDictionary<string, KnownPublisher> Publishers { get; init; } = ImmutableSortedDictionary.Create<string, KnownPublisher>(StringComparer.Ordinal);

    public bool IsSettled { get; init; }

    public long Sequence { get; init; }

    public long TrimmedTo { get; init; }

    public ImmutableList<Entry> Log { get; init; } = [];

    public ImmutableSortedDictionary<string, (UpstreamReport Report, Instant At)> Reports { get; init; } = ImmutableSortedDictionary.Create<string, (UpstreamReport, Instant)>(StringComparer.Ordinal);

    /// <summary>What is live, as a start reads it.</summary>
    public SiteSet Set() => SiteSet.Create(Sequence, Log.GroupBy(entry => entry.Key).Select(entries => entries.MaxBy(entry => entry.Sequence)!));

    /// <summary>Another history begins; as the statements of <c>HistoryStore.BeginAsync</c>.</summary>
    public HubData Begin(string epoch, HistoryMarker? before, IEnumerable<string> foreign, Instant now)
    {
        var publishers = Publishers;
        foreach (var id in before?.Publishers ?? [])
        {
            var knew = before!.KnewHub.Contains(id);
            publishers = publishers.SetItem(id.Source, publishers.TryGetValue(id.Source, out var known)
                ? known with { KnewHub = known.KnewHub || knew }
                : new KnownPublisher { Id = id, Speaks = !before.Silent.Contains(id), FirstHeard = NodaConstants.UnixEpoch, KnewHub = knew });
        }

        return this with
        {
            Epoch = epoch,
            BeganAt = now,
            Past = Past.Union(foreign).Union(Epoch is null ? [] : [Epoch]),
            Publishers = publishers,
            IsSettled = false,
            TrimmedTo = Sequence,
        };
    }

    /// <summary>The hub starts; as the statements of <c>HistoryStore.StartRunAsync</c>.</summary>
    public HubData StartRun(long leftOut) => this with
    {
        Runs = PresentRun is { } present ? Runs.Add(new CommitRun(present, Commits)) : Commits > 0 ? Runs.Add(new CommitRun(0, Commits)) : Runs,
        Commits = Commits + leftOut,
        PresentRun = Commits + leftOut,
    };

    public CommitRuns CommitRuns() => new(Runs, PresentRun ?? 0);
}
