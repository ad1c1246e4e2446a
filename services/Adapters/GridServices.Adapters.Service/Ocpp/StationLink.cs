using GridServices.Adapters.Ocpp;
using GridServices.Adapters.Schedules;
using NodaTime;

namespace GridServices.Adapters.Service.Ocpp;

/// <summary>One station: what it may hold, what is on its way to it, and whether it answers. Not safe for several threads at once.</summary>
internal sealed class StationLink(StationRecord known, TimeProvider time, TimeSpan every, TimeSpan patience)
{
    private const int MostTickets = 16;
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LongestPauseForLess = TimeSpan.FromSeconds(2);
    private readonly Queue<string> tickets = new();
    private PowerCurve? last;
    private long lastNumber;
    private long sentAt;
    private long waitingSince;
    private long acceptedAt;
    private long failingSince;
    private int failures;
    private bool waits;
    private bool refuses;
    private bool answers = true;

    public StationRecord Record { get; private set; } = known;

    /// <summary>A request to the charge-station system is under way: the next one waits, so that none overtakes another.</summary>
    public bool IsSending { get; private set; }

    /// <summary>The last profile was sent, and not answered.</summary>
    public bool IsWaiting => waits;

    /// <summary>Why it is not reached; null: it is, as far as known.</summary>
    public string? Trouble { get; private set; }

    /// <summary>False where it refused what it was sent last, or has said nothing for longer than patience lasts: nobody can change what it does.</summary>
    public bool Answers => !refuses && (failures == 0 || time.GetElapsedTime(failingSince) < patience);

    /// <summary>True where it is to be sent this now: it is another than the last, the last is old, or it failed and is tried again, soon where it is to have less.</summary>
    public bool IsDue(PowerCurve target, Instant now)
    {
        if (IsSending)
        {
            return false;
        }

        if (failures > 0 && !waits)
        {
            var isLess = last is not null && !last.IsWithin(target, now);
            return time.GetElapsedTime(sentAt) >= (isLess && LongestPauseForLess < Pause ? LongestPauseForLess : Pause);
        }

        return !target.SaysSameAs(last, now) || (!waits && time.GetElapsedTime(acceptedAt) >= every);
    }

    /// <summary>True where it accepted this, not longer ago than <paramref name="atMost"/>.</summary>
    public bool Has(PowerCurve target, Instant now, TimeSpan atMost) =>
        failures == 0 && !waits && target.SaysSameAs(Record.Held, now) && target.SaysSameAs(last, now) && time.GetElapsedTime(acceptedAt) < atMost;

    /// <summary>A profile goes out. Which tickets nobody needs any more.</summary>
    public IEnumerable<string> Sends(long number, PowerCurve curve, string? ticket)
    {
        (Record, last, lastNumber) = (Record.Sent(number, curve), curve, number);
        sentAt = time.GetTimestamp();
        waitingSince = waits ? waitingSince : sentAt;
        (waits, IsSending) = (true, true);
        if (ticket is not null)
        {
            tickets.Enqueue(ticket);
        }

        List<string> old = [];
        while (tickets.Count > MostTickets)
        {
            old.Add(tickets.Dequeue());
        }

        return old;
    }

    /// <summary>The system's answer came, or the wait for it ended.</summary>
    public void Handed() => IsSending = false;

    /// <summary>What became of a profile. An answer to an earlier one than the last counts for what the station holds, and for nothing else.</summary>
    public void Answered(long number, ProfileAnswer answer)
    {
        if (number == Record.HeldNumber && answer.Outcome != ProfileOutcome.Refused)
        {
            // The station's own word came before the system's. Only the station itself takes it back.
            return;
        }

        var overtook = answer.Outcome == ProfileOutcome.Accepted && number < Record.HeldNumber;
        Record = answer.Outcome switch
        {
            ProfileOutcome.Accepted => Record.Accepted(number),
            ProfileOutcome.Refused or ProfileOutcome.NotSent => Record.Refused(number),
            _ => Record,
        };
        if (answer.Outcome == ProfileOutcome.Accepted)
        {
            // It answers: what is asked of it since is waited for from its own sending on.
            waitingSince = sentAt;
        }

        if (overtook)
        {
            // It may hold the earlier one: the next round sends again.
            last = null;
        }

        if (number != lastNumber || answer.Outcome == ProfileOutcome.OnItsWay)
        {
            return;
        }

        waits = false;
        if (answer.Outcome == ProfileOutcome.Accepted)
        {
            (failures, refuses, Trouble, acceptedAt) = (0, false, null, time.GetTimestamp());
            return;
        }

        Fails(answer.Why, answer.Outcome == ProfileOutcome.Refused);
    }

    /// <summary>Ends a wait that patience does not reach; true where it does, or where a station that failed counts from now on as one that does not answer.</summary>
    public bool LosesPatience()
    {
        if (waits && !IsSending && time.GetElapsedTime(waitingSince) >= patience)
        {
            waits = false;
            Fails($"the station has not answered within {patience.TotalSeconds:0} s", isRefusal: false);
        }

        var answered = answers;
        answers = Answers;
        return answers != answered;
    }

    private TimeSpan Pause => TimeSpan.FromSeconds(Math.Min(LongestPause.TotalSeconds, Math.Pow(2, Math.Min(failures, 10) - 1)));

    private void Fails(string why, bool isRefusal)
    {
        failingSince = failures == 0 ? waitingSince : failingSince;
        (failures, refuses, Trouble) = (failures + 1, refuses || isRefusal, why);
    }
}
