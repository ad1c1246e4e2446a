using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Devices;
using GridServices.Ieee2030Dot5.Reporting;
using GridServices.Ieee2030Dot5.Responses;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Session;

/// <summary>A request that may be made from <paramref name="Due"/> on.</summary>
/// <param name="Purpose">What for.</param>
/// <param name="Due">From when on.</param>
/// <param name="Rank">What goes first.</param>
/// <param name="Depth">Among equals the deeper goes first: the limits of one EndDevice act before the next one's list is read.</param>
internal readonly record struct Job(DerPurpose Purpose, Instant Due, Rank Rank, int Depth = 0);

/// <summary>What goes first among what is due: the way to the controls in force, then what is owed, then the rhythm.</summary>
internal enum Rank
{
    Entry,
    Register,
    Response,
    Controls,
    Again,
    Device,
    Report,
    Convenience,
}

/// <summary>What to do now, and when to look again if there is nothing.</summary>
internal static class RequestScheduler
{
    /// <summary>What waited so long for what goes first is done all the same.</summary>
    private static readonly Duration Patience = Duration.FromMinutes(1);

    /// <summary>Of so many requests one is for what is owed, also where polls alone would fill the line.</summary>
    private const int Turns = 4;

    /// <returns>What is due, null: nothing; when to look again; and whether something was due that goes before what is owed.</returns>
    public static (DerPurpose? Due, Instant WakeAt, bool IsCrowded) At(DerClientConfig config, DerClientState state, Instant now)
    {
        var (best, wake, isCrowded) = (default(Job?), Instant.MaxValue, false);
        var isTurn = state.Line.Requests % Turns == Turns - 1;

        // First readings, responses and notifications without end: what is owed waits behind them for a minute, and then has its turns too.
        var isStarved = isTurn && state.Line.CrowdedSince is { } since && now - since > Patience;

        // CSIP-AUS ALL-03-REJ: communication ceases with the device whose PIN differs.
        if (config.Mode == DerMode.Direct && state.Devices.Values.Any(d => d is { Retired: false, Pin: PinVerdict.Differs }))
        {
            return (null, wake, false);
        }

        if (StaleSubscriptions.LeavesUntil(state, now) is { } until)
        {
            wake = until;
            Consider(StaleSubscriptions.Jobs(config, state, now));
            return (best?.Purpose, best is null ? wake : now, false);
        }

        Consider([.. Reads.Jobs(config, state, now), .. Responding.Jobs(state), .. DeviceRegistration.Jobs(config, state)]);

        // While the way to the controls is still being found nothing else is looked at: an aggregator's thousand devices would be, at every step.
        if (!isCrowded || isStarved)
        {
            ConsiderReports();
        }

        return (best?.Purpose, best is null ? wake : now, isCrowded);

        void ConsiderReports()
        {
            if (IdleReports.NextDue(config, state, now) is { } known)
            {
                wake = Instant.Min(wake, known);
                return;
            }

            var others = wake;
            wake = Instant.MaxValue;
            if (!Consider(Reports.Jobs(config, state, now)))
            {
                IdleReports.None(config, state, now, wake);
            }

            wake = Instant.Min(wake, others);
        }

        bool Consider(IEnumerable<Job> jobs)
        {
            var isAnyDue = false;
            foreach (var job in jobs)
            {
                var due = job.Due;
                if (!state.Line.Holds.IsEmpty && state.Line.Holds.GetValueOrDefault(job.Purpose.Key) is { } hold && hold.Until > due)
                {
                    due = hold.Until;
                }

                isAnyDue |= due <= now;
                isCrowded |= due <= now && job.Rank < Rank.Again;
                if (due > now)
                {
                    wake = Instant.Min(wake, due);
                }
                else if (best is null || IsBefore(job with { Due = due }, best.Value, now, isTurn, isStarved))
                {
                    best = job with { Due = due };
                }
            }

            return isAnyDue;
        }
    }

    private static bool IsBefore(Job job, Job other, Instant now, bool isTurn, bool isStarved)
    {
        // What was owed from the first has no instant since when: it waits behind no rhythm when it is its turn.
        var (isOwed, isOtherOwed) = (job.Rank > Rank.Again, other.Rank > Rank.Again);
        if (isTurn && isOwed != isOtherOwed && (isStarved || job.Rank == Rank.Again || other.Rank == Rank.Again))
        {
            return isOwed;
        }

        var (rank, otherRank) = (GetRank(job, now), GetRank(other, now));
        return rank != otherRank ? rank < otherRank : job.Due != other.Due ? job.Due < other.Due : job.Depth > other.Depth;
    }

    private static Rank GetRank(Job job, Instant now) =>
        job.Rank > Rank.Response && job.Due > Instant.MinValue && now - job.Due > Patience ? Rank.Response : job.Rank;
}
