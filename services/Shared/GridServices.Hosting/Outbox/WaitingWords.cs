using Dapper;
using NodaTime;

namespace GridServices.Hosting;

/// <summary>Why a parked item will be sent again by itself.</summary>
internal enum WaitReason
{
    /// <summary>The hub holds another word, and the service has not heard its utility since its start. Later words of the stream wait behind it.</summary>
    Hearing = 1,

    /// <summary>Another publisher went above it again and again.</summary>
    Quiet = 2,
}

/// <summary>Sends again what waits in the outbox: once the utility was heard, or once another publisher had time to fall silent.</summary>
internal sealed class WaitingWords(Store store, Outbox outbox, IStreamHearing hearing, IClock clock)
{
    private readonly Dictionary<string, (int Times, Instant Until)> _tried = new(StringComparer.Ordinal);

    internal async Task LookAsync(CancellationToken ct)
    {
        var now = clock.GetCurrentInstant();
        var waiting = await store.ReadAsync(
            db => db.QueryAsync<WaitingRow>(
                """
                SELECT o.id, o.stream, o.revision, o.waits, o.parked_at AS parkedAt, p.revision AS latest, p.run
                FROM outbox o LEFT JOIN published_stream p ON p.stream = o.stream WHERE o.waits IS NOT NULL
                """),
            ct);
        var verdicts = waiting.Select(row => (Row: row, Verdict: WaitingRule.Decide(row, WhyUnheard(row), TriedOf(row.Stream, now), now))).ToList();
        if (verdicts.TrueForAll(v => v.Verdict == WaitingVerdict.Stay))
        {
            return;
        }

        var (again, over) = (Ids(verdicts, WaitingVerdict.Again), Ids(verdicts, WaitingVerdict.Over));
        await store.WriteAsync(
            async tx =>
            {
                // Numbers of our own, so text is safe, and no parameter limit applies.
                await tx.Connection!.ExecuteAsync($"UPDATE outbox SET parked_at = NULL, problem = NULL, waits = NULL WHERE id IN ({again})", transaction: tx);
                await tx.Connection!.ExecuteAsync($"DELETE FROM outbox WHERE id IN ({over})", transaction: tx);
            },
            ct);
        foreach (var (row, _) in verdicts.Where(v => v is { Verdict: WaitingVerdict.Again, Row.Reason: WaitReason.Quiet }))
        {
            var times = TriedOf(row.Stream, now) + 1;
            _tried[row.Stream] = (times, now + (WaitingRule.PauseAfter(times) * 2));
        }

        outbox.Wake();
    }

    private string? WhyUnheard(WaitingRow row) => row.Reason == WaitReason.Hearing && SpokenStream.TryParse(row.Stream, outbox.IsOfThisRun(row.Run), out var stream) ? hearing.WhyUnheard(stream) : null;

    /// <summary>How often in a row; what was quiet for twice its pause begins anew.</summary>
    private int TriedOf(string stream, Instant now) => _tried.TryGetValue(stream, out var tried) && now < tried.Until ? tried.Times : 0;

    private static string Ids(IEnumerable<(WaitingRow Row, WaitingVerdict Verdict)> verdicts, WaitingVerdict of)
    {
        var ids = verdicts.Where(v => v.Verdict == of).Select(v => v.Row.Id).ToList();
        return ids.Count == 0 ? "0" : string.Join(',', ids);
    }
}

/// <summary>What becomes of an item that waits. Pure.</summary>
internal static class WaitingRule
{
    private const int LongestMinutes = 16;

    /// <param name="row">The item, and the stream as it stands now.</param>
    /// <param name="whyUnheard">Null: what the service says of the stream rests on what it has heard since its start.</param>
    /// <param name="tried">How often in a row it was tried again although another publisher speaks.</param>
    /// <param name="now">Now.</param>
    internal static WaitingVerdict Decide(WaitingRow row, string? whyUnheard, int tried, Instant now)
    {
        if (row.Latest is null)
        {
            return WaitingVerdict.Over;
        }

        if (row.Reason == WaitReason.Hearing ? whyUnheard is not null : row.Revision == row.Latest && now < row.ParkedAt + PauseAfter(tried))
        {
            return WaitingVerdict.Stay;
        }

        return row.Revision == row.Latest ? WaitingVerdict.Again : WaitingVerdict.Over;
    }

    /// <summary>A minute, and twice as long each time, so that two publishers that both live do not climb without end.</summary>
    internal static Duration PauseAfter(int tried) => Duration.FromMinutes(Math.Min(LongestMinutes, 1 << Math.Min(tried, LongestMinutes)));
}

internal enum WaitingVerdict
{
    Stay,

    /// <summary>To be sent again.</summary>
    Again,

    /// <summary>A newer word took its place, or the stream is not remembered any more.</summary>
    Over,
}

internal sealed record WaitingRow
{
    public long Id { get; init; }

    public string Stream { get; init; } = string.Empty;

    public long Revision { get; init; }

    public long Waits { get; init; }

    public WaitReason Reason => (WaitReason)Waits;

    public Instant ParkedAt { get; init; }

    /// <summary>The stream's latest revision; null: it is not remembered.</summary>
    public long? Latest { get; init; }

    public string? Run { get; init; }
}
