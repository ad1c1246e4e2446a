using GridServices.Adapters.Ocpp;
using GridServices.Adapters.Schedules;
using NodaTime;

namespace GridServices.Adapters.Service.Ocpp;

/// <summary>One station: what it may hold, what is on its way to it, and whether it answers. Not safe for several threads at once.</summary>
/// <param name="known">What it may hold.</param>
/// <param name="time">Measures how long ago.</param>
/// <param name="every">It is sent its profile again after this.</param>
/// <param name="patience">So long it may take to answer.</param>
/// <param name="margin">So wrong its clock may be.</param>
internal sealed class StationLink(StationRecord known, TimeProvider time, TimeSpan every, TimeSpan patience, Duration margin = default)
{
    private const int MostTickets = 16;
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LongestPauseForLess = TimeSpan.FromSeconds(2);
    private readonly Queue<string> _tickets = new();
    private PowerCurve? _last;
    private long _lastNumber;
    private long _sentAt;
    private long _waitingSince;
    private long _acceptedAt;
    private long _failingSince;
    private int _failures;
    private bool _waits;
    private bool _refuses;
    private bool _answers = true;
    private bool _hasGone;

    // As it was before the last profile: so it is again where that never goes to the system.
    private (PowerCurve? Last, long Number, long SentAt, long WaitingSince, bool Waits) _before;

    public StationRecord Record { get; private set; } = known;

    /// <summary>A request to the charge-station system is under way: the next one waits, so that none overtakes another.</summary>
    public bool IsSending { get; private set; }

    /// <summary>When it was sent the last profile that went to the system, by the clock that measures.</summary>
    public long SentAt => _sentAt;

    /// <summary>Of the profiles that were sent last, answered or not.</summary>
    public IReadOnlyCollection<string> Tickets => _tickets;

    /// <summary>The last profile was sent, and not answered.</summary>
    public bool IsWaiting => _waits;

    /// <summary>Why it is not reached; null: it is, as far as known.</summary>
    public string? Trouble { get; private set; }

    /// <summary>False where it refused what it was sent last, or has said nothing for longer than patience lasts: nobody can change what it does.</summary>
    public bool Answers => !_refuses && (_failures == 0 || time.GetElapsedTime(_failingSince) < patience);

    /// <summary>True where it is to be sent this now: it is another than the last, the last is old, or it failed and is tried again, soon where it is to have less.</summary>
    public bool IsDue(PowerCurve target, Instant now)
    {
        if (IsSending)
        {
            return false;
        }

        if (_failures > 0 && !_waits)
        {
            return time.GetElapsedTime(_sentAt) >= (IsToHaveLess(target, now) && LongestPauseForLess < Pause ? LongestPauseForLess : Pause);
        }

        return !target.IsDoneBy(_last, now, margin) || (!_waits && time.GetElapsedTime(_acceptedAt) >= every);
    }

    /// <summary>True where this is less, at some time, than what it was sent last.</summary>
    public bool IsToHaveLess(PowerCurve target, Instant now) => _last is not null && !_last.IsWithin(target, now);

    /// <summary>True where it accepted this, not longer ago than <paramref name="atMost"/>.</summary>
    public bool Has(PowerCurve target, Instant now, TimeSpan atMost) =>
        _failures == 0 && !_waits && target.IsEquivalentTo(Record.Held, now) && target.IsEquivalentTo(_last, now) && time.GetElapsedTime(_acceptedAt) < atMost;

    /// <summary>A profile goes out, as soon as its turn comes. Which tickets nobody needs any more.</summary>
    public IEnumerable<string> Sends(long number, PowerCurve curve, string? ticket)
    {
        _before = (_last, _lastNumber, _sentAt, _waitingSince, _waits);
        _hasGone = false;
        (Record, _last, _lastNumber) = (Record.Sent(number, curve), curve, number);
        _sentAt = time.GetTimestamp();
        _waitingSince = _waits ? _waitingSince : _sentAt;
        (_waits, IsSending) = (true, true);
        if (ticket is not null)
        {
            _tickets.Enqueue(ticket);
        }

        List<string> old = [];
        while (_tickets.Count > MostTickets)
        {
            old.Add(_tickets.Dequeue());
        }

        return old;
    }

    /// <summary>Its turn at the system has come, maybe long after <see cref="Sends"/>: it is waited for from now on.</summary>
    public void BeginWait(long number)
    {
        if (number == _lastNumber)
        {
            var now = time.GetTimestamp();
            (_waitingSince, _sentAt, _hasGone) = (_waitingSince == _sentAt ? now : _waitingSince, now, true);
        }
    }

    /// <summary>It never goes to the system, and that is no trouble: what was sent before it is the last again.</summary>
    public void Withdrawn(long number)
    {
        Record = Record.Refused(number);
        if (number == _lastNumber)
        {
            (_last, _lastNumber, _sentAt, _waitingSince, _waits) = _before;
        }
    }

    /// <summary>The system's answer came, or the wait for it ended.</summary>
    public void EndSend() => IsSending = false;

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
            _waitingSince = _sentAt;
        }

        if (overtook)
        {
            // It may hold the earlier one: the next round sends again.
            (_last, _before.Last) = (null, null);
        }

        if (answer.Outcome == ProfileOutcome.OnItsWay)
        {
            return;
        }

        if (number != _lastNumber)
        {
            AnsweredBefore(number, answer.Outcome);
            return;
        }

        if (answer.Outcome == ProfileOutcome.NotSent && !_hasGone)
        {
            // It still holds what was sent before, and what is less than that is tried soon.
            Fails(answer.Why, isRefusal: false);
            Withdrawn(number);
            return;
        }

        _waits = false;
        if (answer.Outcome == ProfileOutcome.Accepted)
        {
            (_failures, _refuses, Trouble, _acceptedAt) = (0, false, null, time.GetTimestamp());
            return;
        }

        Fails(answer.Why, answer.Outcome == ProfileOutcome.Refused);
    }

    /// <summary>Ends a wait that patience does not reach; true where it does, or where a station that failed counts from now on as one that does not answer.</summary>
    public bool CheckTimeout()
    {
        if (_waits && !IsSending && time.GetElapsedTime(_waitingSince) >= patience)
        {
            _waits = false;
            Fails($"the station has not answered within {patience.TotalSeconds:0} s", isRefusal: false);
        }

        var answered = _answers;
        _answers = Answers;
        return _answers != answered;
    }

    private TimeSpan Pause => TimeSpan.FromSeconds(Math.Min(LongestPause.TotalSeconds, Math.Pow(2, Math.Min(_failures, 10) - 1)));

    // The last may be withdrawn yet: then this one is the last again, and has been answered.
    private void AnsweredBefore(long number, ProfileOutcome outcome)
    {
        if (outcome == ProfileOutcome.Accepted)
        {
            _before.WaitingSince = _before.SentAt;
        }

        if (number == _before.Number)
        {
            (_before.Waits, _before.Last) = (false, outcome == ProfileOutcome.Accepted ? _before.Last : null);
        }
    }

    private void Fails(string why, bool isRefusal)
    {
        _failingSince = _failures == 0 ? _waitingSince : _failingSince;
        (_failures, _refuses, Trouble) = (_failures + 1, _refuses || isRefusal, why);
    }
}
