using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Events;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Envelopes;

/// <summary>
/// What must be published because of a step: the difference between what each tariff's series stated and what it states now, from now on.
/// A tariff that states nothing any more publishes a series without segments.
/// </summary>
internal static class PricePublishing
{
    /// <returns>The state to be stored in one transaction with the publications; notes on what is published coarser than it was stated.</returns>
    public static (PriceState State, IReadOnlyList<EnginePublication> Publications, IReadOnlyList<Note<NoteKind>> Notes) CreatePublications(
        DerScheduleConfig config, PriceStep step, Instant now, ulong seed)
    {
        var notes = new List<Note<NoteKind>>();
        var stated = step.Tariffs.GroupBy(t => StreamKeys.For(config, t.Key), StringComparer.Ordinal).ToDictionary(g => g.Key, g => ToStatement(config, g.First(), now, notes), StringComparer.Ordinal);
        var published = new List<PublishedPrices>();
        var changes = new List<PublishedPrices>();
        foreach (var key in step.State.Published.Select(p => p.Key).Union(stated.Keys, StringComparer.Ordinal))
        {
            var held = step.State.Published.FirstOrDefault(p => string.Equals(p.Key, key, StringComparison.Ordinal));
            var statement = stated.GetValueOrDefault(key) is { Segments.Count: > 0 } says ? says : null;
            if (held is not { Live: true } ? statement is null : statement is not null && PriceStatement.AreEquivalent(held.Statement, statement, now))
            {
                published.AddRange(held is null ? [] : [held]);
                continue;
            }

            // Architecture law 7: higher replaces, also after a withdrawal.
            var next = new PublishedPrices { Key = key, Revision = (held?.Revision ?? step.State.RevisionFloor) + 1, Live = statement is not null, Statement = statement, Currency = statement?.Currency ?? held!.Currency };
            published.Add(next);
            changes.Add(next);
        }

        return changes.Count == 0
            ? (step.State, [], [])
            : (step.State with { Published = published.ToValueList() }, [.. changes.Select(c => CreatePublication(config, c, now, seed))], notes);
    }

    private static PriceStatement ToStatement(DerScheduleConfig config, TariffPrices tariff, Instant now, List<Note<NoteKind>> notes)
    {
        var coarse = SegmentCoarsening.Prices([.. ScheduleDifference.Ahead(tariff.Segments, now)]);
        if (coarse.Describe("prices") is { } text)
        {
            notes.Add(new Note<NoteKind>(NoteLevel.Warning, NoteKind.Price, ErrorClass.LimitCount, tariff.Key, $"Tariff {SafeText.Quote(tariff.Key, 80)} is published coarser than it states its prices: {text}"));
        }

        return new PriceStatement
        {
            Currency = tariff.Currency,
            Segments = coarse.Segments.ToValueList(),
            Provenance = new Provenance { Protocol = DerEnvelopes.Protocol, Authority = config.Lfdi, Program = tariff.Key },
        };
    }

    private static EnginePublication.PublishPrices CreatePublication(DerScheduleConfig config, PublishedPrices series, Instant now, ulong seed) => new(new PriceSeries
    {
        SeriesId = SeededRandom.Uuid7(now, seed, $"{config.SiteId}/prices/{series.Key}/{series.Revision}"),
        Revision = series.Revision,
        SiteId = config.SiteId,
        Stream = new StreamId(DerEnvelopes.Service, series.Key),
        Currency = series.Currency,
        Unit = "kWh",
        Segments = series.Statement?.Segments ?? [],
        Provenance = series.Statement?.Provenance ?? new Provenance { Protocol = DerEnvelopes.Protocol, Authority = config.Lfdi, Program = null },
    });
}
