namespace GridServices.FrequencyResponse.Performance;

/// <summary>
/// How much of the time in which something was due readings show. Who is never read while it matters has shown nothing, however well it was
/// read in between:
/// <code>
///   due      ────┌──────────────────────────┐──────┌───────┐──
///   readings      r    r     r                         (none)
///   shown         └── until 10 s after ──┘          not shown: longer than 2 s without any
/// </code>
/// </summary>
/// <param name="stepSeconds">Grid of the rule.</param>
internal sealed class ReadingCoverage(double stepSeconds)
{
    /// <summary>A stretch as short as this may fall between two readings of a second.</summary>
    private readonly long _brief = (long)Math.Round(2 / stepSeconds);

    /// <summary>A reading within the stretch speaks for no more than this.</summary>
    private readonly long _hold = (long)Math.Round(MeteredTurns.HoldNanos / 1e9 / stepSeconds);

    private long _shown;
    private long _unshown;
    private long _run;
    private bool _read;

    /// <summary>So far, with the stretch that lasts.</summary>
    internal (long Shown, long Unshown) Steps
    {
        get
        {
            var (shown, unshown) = Open();
            return (_shown + shown, _unshown + unshown);
        }
    }

    /// <summary>The next step.</summary>
    /// <param name="due">Something was due in it.</param>
    /// <param name="known">A reading speaks for it, of it or held from before.</param>
    /// <param name="fresh">A reading is of it.</param>
    internal void Add(bool due, bool known, bool fresh)
    {
        if (!due)
        {
            End();
            return;
        }

        if (!known)
        {
            _unshown++;
            return;
        }

        _run++;
        if (fresh)
        {
            (_shown, _unshown) = (_shown + Math.Min(_run, _hold), _unshown + Math.Max(0, _run - _hold));
            (_run, _read) = (0, true);
        }
    }

    /// <summary>Nothing is due any more, or nobody knows.</summary>
    internal void End()
    {
        ((_shown, _unshown), _run, _read) = (Steps, 0, false);
    }

    /// <summary>Counts anew; a stretch that lasts has been counted up to here.</summary>
    internal void NewPeriod() => (_shown, _unshown, _run) = (0, 0, 0);

    private (long Shown, long Unshown) Open() =>
        _read ? (Math.Min(_run, _hold), Math.Max(0, _run - _hold))
        : _run > _brief ? (0, _run)
        : (0, 0);
}
