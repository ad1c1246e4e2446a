using System.Collections.Immutable;
using GridServices.Contracts;
using GridServices.Hosting.Publishing;
using NodaTime;

namespace GridServices.Simulation.Publishing;

/// <summary>
/// The statements of <c>Outbox</c>, <c>OutboxQueue</c>, <c>PublishedStreams</c> and <c>Restatement</c> on tables in memory; what they decide is decided by the product's
/// own <see cref="RaiseRule"/> and <see cref="WaitingRule"/>.
/// </summary>
internal static class OutboxTable
{
    private static readonly Duration TombstonesKept = Duration.FromDays(30);

    /// <summary>Adds items and keeps the latest word on each stream.</summary>
    public static ServiceData Add(this ServiceData data, IReadOnlyList<OutboxItem> items, Instant now, string run)
    {
        foreach (var item in items)
        {
            data = data.Queue(new QueuedItem(data.LastId + 1, item.SiteId, item.Body, item.Stream?.Key, item.Stream?.Revision));
            if (item.Stream is { } stream)
            {
                var word = data.Words.GetValueOrDefault(stream.Key) ?? new SpokenWord(item.SiteId, 0, false, [], now, run);
                data = data with { Words = data.Words.SetItem(stream.Key, word with { SiteId = item.SiteId, Revision = stream.Revision, IsWithdrawn = stream.IsWithdrawn, Body = item.Body, At = now, Run = run, Behind = false }) };
            }
        }

        return data;
    }

    /// <summary>The next rows to send.</summary>
    public static IReadOnlyList<OutboxRow> Next(this ServiceData data, int most) =>
    [
        .. data.Outbox.Values
            .Where(row => row.ParkedAt is null && !data.Outbox.Values.Any(w => w.Waits == WaitReason.Hearing && w.Stream is not null && w.Stream == row.Stream))
            .Take(most)
            .Select(row => new OutboxRow
            {
                Id = row.Id,
                SiteId = row.SiteId,
                Body = row.Body,
                Stream = row.Stream,
                Revision = row.Revision,
                Restates = row.Restates,
                RaisedBy = row.Stream is null ? null : data.Words.GetValueOrDefault(row.Stream)?.RaisedBy,
            }.Raised()),
    ];

    /// <summary>What became of rows that were sent.</summary>
    public static (ServiceData Data, IReadOnlyList<RaiseVerdict> Verdicts) Settle(
        this ServiceData data, IReadOnlyList<(OutboxRow Row, PublishResult Result)> results, Func<string, string, string?> whyUnheard, Instant now)
    {
        var verdicts = new List<RaiseVerdict>();
        foreach (var (row, result) in results)
        {
            if (RaiseRule.Applies(result))
            {
                var stream = data.Words.GetValueOrDefault(row.Stream ?? string.Empty);
                var state = stream is null ? null : new StreamState { Revision = stream.Revision, RaisedBy = stream.RaisedBy, RaisedSince = stream.RaisedSince, RaisedTimes = stream.RaisedTimes, Run = stream.Run };
                var verdict = RaiseRule.Decide(row.Revision, state, result.HeldRevision, stream is null ? null : whyUnheard(row.Stream!, stream.Run), now);
                data = data.After(verdict, row, result, now);
                verdicts.Add(verdict);
            }
            else
            {
                data = result.Status == PublishStatus.Rejected ? data.Park(row.Id, now, null) : data.Remove(row.Id);
            }
        }

        return (data, verdicts);
    }

    /// <summary>Every stream is said again.</summary>
    public static ServiceData Begin(this ServiceData data, string epoch, Instant now)
    {
        data = data with { Words = data.Words.RemoveRange(data.Words.Where(w => w.Value.IsWithdrawn && w.Value.At < now - TombstonesKept).Select(w => w.Key)) };
        var gone = data.Outbox.Values.Where(row => row.Waits is not null || (row.Restates is not null && row.ParkedAt is null)
            || (row.ParkedAt is not null && row.Stream is not null && data.Words.GetValueOrDefault(row.Stream)?.Revision == row.Revision)).Select(row => row.Id);
        data = data with
        {
            Outbox = data.Outbox.RemoveRange(gone.ToList()),
            Words = data.Words.SetItems(data.Words.Where(w => w.Value.Behind).Select(w => KeyValuePair.Create(w.Key, w.Value with { Behind = false })).ToList()),
        };
        foreach (var (stream, word) in data.Words.OrderBy(w => w.Value.At).ThenBy(w => w.Key, StringComparer.Ordinal).ToList())
        {
            data = data.Queue(new QueuedItem(data.LastId + 1, word.SiteId, word.Body, stream, word.Revision) { Restates = epoch });
        }

        return data;
    }

    /// <summary>What of a restatement still waits.</summary>
    public static RestatementProgress Progress(this ServiceData data)
    {
        var pending = data.Outbox.Values.Where(row => row.ParkedAt is null).Select(row => row.Id).ToList();
        return new RestatementProgress
        {
            Pending = data.Outbox.Values.Count(row => row.Restates is not null && row.ParkedAt is null),
            Behind = data.Words.Values.Count(w => w.Behind),
            Parked = data.Outbox.Values.Count(row => row.ParkedAt is not null && row.Stream is not null && data.Words.GetValueOrDefault(row.Stream) is { IsWithdrawn: false } word && word.Revision == row.Revision),
            Streams = data.Words.Count,
            Oldest = pending.Count == 0 ? null : pending.Min(),
            Newest = pending.Count == 0 ? null : pending.Max(),
        };
    }

    /// <summary>Sends again what waits, where the utility was heard or the other publisher had time to fall silent.</summary>
    public static ServiceData Look(this ServiceData data, Func<string, string, string?> whyUnheard, Instant now)
    {
        foreach (var row in data.Outbox.Values.Where(row => row.Waits is not null).ToList())
        {
            var word = row.Stream is null ? null : data.Words.GetValueOrDefault(row.Stream);
            var waiting = new WaitingRow { Id = row.Id, Stream = row.Stream ?? string.Empty, Revision = row.Revision ?? 0, Waits = (long)row.Waits!.Value, ParkedAt = row.ParkedAt!.Value, Latest = word?.Revision, Run = word?.Run };
            var why = row.Waits == WaitReason.Hearing && word is not null ? whyUnheard(row.Stream!, word.Run) : null;
            data = WaitingRule.Decide(waiting, why, tried: 0, now) switch
            {
                WaitingVerdict.Again => data with { Outbox = data.Outbox.SetItem(row.Id, row with { ParkedAt = null, Waits = null }) },
                WaitingVerdict.Over => data.Remove(row.Id),
                _ => data,
            };
        }

        return data;
    }

    private static ServiceData After(this ServiceData data, RaiseVerdict verdict, OutboxRow row, PublishResult result, Instant now) => verdict switch
    {
        RaiseVerdict.Raise raise => data with
        {
            Words = data.Words.SetItem(row.Stream!, data.Words[row.Stream!] with { RaisedBy = raise.By, RaisedSince = raise.Since, RaisedTimes = raise.Times }),
        },
        RaiseVerdict.Untracked when result.Problem is not null => data.Park(row.Id, now, null),
        RaiseVerdict.GiveUp => data.Park(row.Id, now, WaitReason.Quiet),
        RaiseVerdict.Later => data.Park(row.Id, now, WaitReason.Hearing),
        _ => data.Remove(row.Id),
    };

    private static ServiceData Queue(this ServiceData data, QueuedItem item) => data with { Outbox = data.Outbox.Add(item.Id, item), LastId = item.Id };

    private static ServiceData Remove(this ServiceData data, long id) => data with { Outbox = data.Outbox.Remove(id) };

    private static ServiceData Park(this ServiceData data, long id, Instant now, WaitReason? waits) => data.Outbox.TryGetValue(id, out var row)
        ? data with { Outbox = data.Outbox.SetItem(id, row with { ParkedAt = now, Waits = waits }) }
        : data;
}
