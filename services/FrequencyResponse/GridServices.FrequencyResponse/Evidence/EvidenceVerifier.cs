namespace GridServices.FrequencyResponse.Evidence;

/// <summary>What verifying a segment found.</summary>
/// <param name="Head">Null where it could not be read.</param>
/// <param name="Records">Sound records, the head included.</param>
/// <param name="Turns">Of these, turns of the controller.</param>
/// <param name="LostTurns">Turns that the writer says it could not record.</param>
/// <param name="Closed">The segment ends with an end record.</param>
/// <param name="Hash">Of the last sound record; the next segment must name it.</param>
/// <param name="Fault">The first broken record; null = the segment is whole.</param>
public sealed record SegmentVerdict(SegmentHead? Head, long Records, long Turns, long LostTurns, bool Closed, string Hash, EvidenceFault? Fault)
{
    /// <summary>Nothing was changed; a torn end after a crash counts as whole up to there.</summary>
    public bool Sound => Fault is null or { Torn: true, Record: > 0 };
}

/// <summary>Checks the chain of a log.</summary>
public static class EvidenceVerifier
{
    /// <summary>One segment.</summary>
    /// <param name="segment">Its bytes.</param>
    /// <param name="previousHash">Last hash of the segment before; null = not checked.</param>
    public static SegmentVerdict Segment(ReadOnlySpan<byte> segment, string? previousHash = null)
    {
        var reader = new EvidenceReader(segment, previousHash);
        var (records, turns, lost, closed) = (0L, 0L, 0L, false);
        while (reader.TryRead(out var record))
        {
            records++;
            closed = record.Kind == EvidenceKind.End;
            turns += record.Kind == EvidenceKind.Turn ? 1 : 0;
            lost += record.Kind == EvidenceKind.Lost ? Math.Max(0, new LittleEndianReader(record.Body).Int64()) : 0;
        }

        return new SegmentVerdict(reader.Head, records, turns, lost, closed, reader.Hash, reader.Fault);
    }

    /// <summary>Segments in their order; the verdicts end with the first that is not sound.</summary>
    public static IReadOnlyList<SegmentVerdict> Chain(IEnumerable<ReadOnlyMemory<byte>> segments)
    {
        ArgumentNullException.ThrowIfNull(segments);
        var verdicts = new List<SegmentVerdict>();
        string? previous = null;
        foreach (var segment in segments)
        {
            verdicts.Add(Segment(segment.Span, previous));
            if (!verdicts[^1].Sound)
            {
                break;
            }

            previous = verdicts[^1].Hash;
        }

        return verdicts;
    }
}
