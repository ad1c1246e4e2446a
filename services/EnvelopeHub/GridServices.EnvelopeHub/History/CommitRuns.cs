namespace GridServices.EnvelopeHub.History;

/// <summary>The commits of one start of the hub, both ends included.</summary>
public sealed record CommitRun(long First, long Last);

/// <summary>
/// Which numbers of commits this store has given out. Each start leaves out a number of them by lot, so that a store that was put back does not give
/// the same numbers out again, and whoever has seen one that it lost can tell, whatever was committed since:
/// <code>
///   run 1          run 2 (lost with the newer copy)      run 3
///   ├──1..7──┤      ├──8_123..8_131──┤                   ├──5_551_002..
///                        ▲ a publisher has seen 8_130: no run of this store
/// </code>
/// </summary>
/// <param name="Past">The runs before, oldest first; numbers before the oldest are taken as known.</param>
/// <param name="Present">The first number of the present run.</param>
public sealed record CommitRuns(IReadOnlyList<CommitRun> Past, long Present)
{
    /// <summary>At most so many numbers are left out at a start: 2^53, the last exact number of JSON, is reached after 100,000 starts.</summary>
    public const long MostLeftOut = 1L << 36;

    /// <summary>Runs that are kept.</summary>
    public const int Kept = 1_000;

    /// <summary>Whether the number was given out by this store.</summary>
    /// <param name="head">What somebody has seen.</param>
    /// <param name="commits">The last number of the present run.</param>
    public bool HasIssued(long head, long commits) =>
        (head >= Present && head <= commits)
        || head < (Past.Count > 0 ? Past[0].First : Present)
        || Past.Any(run => head >= run.First && head <= run.Last);
}
