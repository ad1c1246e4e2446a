using System.Runtime.InteropServices;

namespace GridServices.FrequencyResponse.Service.Pools;

/// <summary>
/// What a pool injected when its site was measured, W. The site's reading shows the pool's own power as it was then, so that what the pool was told since makes no room:
/// <code>
///   rest = site's net power + what its pools injected at that moment
///          measured by all assets at the same moment        that sum
///          measured before or after it                      that sum, or what they were told meanwhile, or between the two
///          by an asset that was never measured              nothing, or what it was told in the ten seconds before, or between the two
///          by one that fell silent, or is overridden        anything that the asset can do
/// </code>
/// Any thread.
/// </summary>
internal sealed class RestOfSite
{
    /// <summary>Readings no further apart show the same moment.</summary>
    internal const long TogetherNanos = 250_000_000;

    /// <summary>A reading of an asset further from the site's says nothing of that moment.</summary>
    internal const long ApartNanos = 60_000_000_000;

    /// <summary>An asset measured after the site may have been on its way to what it was told before that.</summary>
    internal const long AnswerNanos = 10_000_000_000;

    /// <summary>The same reading delivered again is as old as before, up to what two clocks drift between two looks.</summary>
    internal const long SameNanos = 10_000_000;
    private readonly Lock _gate = new();
    private SetpointHistory _seen = new();
    private SetpointHistory _unseen = new();
    private bool[] _never = [];
    private (SiteReading Reading, OwnPower Found)? _held;

    /// <summary>Which assets were never measured, by their index in the pool; empty where each was.</summary>
    public bool[] Never => Volatile.Read(ref _never);

    /// <summary>Where that has changed, nothing is known of what each part was told before.</summary>
    /// <returns>Whether it has.</returns>
    public bool Watch(bool[] never)
    {
        lock (_gate)
        {
            if (_never.AsSpan().SequenceEqual(never))
            {
                return false;
            }

            Volatile.Write(ref _never, never);
            (_seen, _unseen, _held) = (new SetpointHistory(), new SetpointHistory(), null);
            return true;
        }
    }

    /// <param name="nowNanos">Monotonic.</param>
    /// <param name="told">All that the pool was told since the note before.</param>
    public void Note(long nowNanos, ToldPower told)
    {
        lock (_gate)
        {
            _seen.Note(nowNanos, told.SeenW);
            _unseen.Note(nowNanos, told.UnseenW);
        }
    }

    /// <summary>What is known of it. Each look at one reading can only say more.</summary>
    /// <param name="site">When the site was measured.</param>
    /// <param name="assets">What is known of the assets; asked only where it can say more.</param>
    public OwnPower Estimate(SiteReading site, Func<IReadOnlyList<AssetPower>> assets)
    {
        lock (_gate)
        {
            var held = _held is { } last && last.Reading.IsSame(site) ? last.Found : (OwnPower?)null;
            if (held is { IsUnseen: false, W.IsExact: true } exact)
            {
                return exact;
            }

            var own = Own(site.AtNanos, assets());
            var found = held is { } before && before.IsUnseen == own.IsUnseen ? own with { W = before.W.And(own.W) } : own;
            _held = (site, found);
            return found;
        }
    }

    /// <summary>What the pool injected at a moment.</summary>
    private OwnPower Own(long atNanos, IReadOnlyList<AssetPower> assets)
    {
        // Nobody sees whether an asset that was never measured does what it is told; one that was taken out of our hands does not.
        var told = _unseen.Between(atNanos - AnswerNanos, atNanos);
        var (own, can, rest, first, last, isUnseen) = (WattSpan.Exactly(0), WattSpan.Exactly(0), WattSpan.Exactly(0), atNanos, atNanos, false);
        foreach (var asset in assets)
        {
            if (asset is { Measured: null, Overridden: false } && told is not null)
            {
                isUnseen = true;
                continue;
            }

            if (asset.Measured is not { } measured)
            {
                rest += asset.CanW;
                continue;
            }

            can += asset.CanW;
            if (Math.Abs(measured.AtNanos - atNanos) > ApartNanos)
            {
                own += asset.CanW;
                continue;
            }

            own += WattSpan.Exactly(measured.Watts);
            (first, last) = (Math.Min(first, measured.AtNanos), Math.Max(last, measured.AtNanos));
        }

        own = last - first <= TogetherNanos ? own : own.Or(_seen.Between(last > atNanos ? first - AnswerNanos : first, last) ?? can);
        return new OwnPower(own + rest + (isUnseen ? told!.Value.Or(WattSpan.Exactly(0)) : WattSpan.Exactly(0)), isUnseen);
    }
}

/// <summary>What a pool injected when its site was measured, W.</summary>
/// <param name="W">It lies in this.</param>
/// <param name="IsUnseen">Some of it was never measured, and rests on what it was told.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct OwnPower(WattSpan W, bool IsUnseen);

/// <summary>What a pool was told in a time, W, + = injection.</summary>
/// <param name="SeenW">All sums of what the measured assets were told.</param>
/// <param name="UnseenW">Of those that were never measured, the sum of what is charged and that of what is injected: any of them may do its part alone.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ToldPower(WattSpan SeenW, WattSpan UnseenW)
{
    /// <summary>Of set-points that were sent, W, + = injection.</summary>
    /// <param name="givenW">Their sum.</param>
    /// <param name="setpointsW">Of each asset.</param>
    /// <param name="never">Which were never measured; empty: none.</param>
    public static ToldPower Create(long givenW, ReadOnlySpan<int> setpointsW, ReadOnlySpan<bool> never)
    {
        var (least, most) = (0L, 0L);
        for (var i = 0; i < never.Length; i++)
        {
            least += never[i] ? Math.Min(0, setpointsW[i]) : 0;
            most += never[i] ? Math.Max(0, setpointsW[i]) : 0;
        }

        return new ToldPower(WattSpan.Exactly(givenW - least - most), new WattSpan(least, most));
    }

    public ToldPower Or(ToldPower other) => new(SeenW.Or(other.SeenW), UnseenW.Or(other.UnseenW));
}

/// <summary>Net power of a site, W, + = import, and when it was measured, monotonic.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct SiteReading(long NetW, long AtNanos)
{
    /// <summary>The same, delivered again.</summary>
    public bool IsSame(SiteReading other) => NetW == other.NetW && Math.Abs(AtNanos - other.AtNanos) <= RestOfSite.SameNanos;
}

/// <summary>An asset of a pool: what it can do, and what it was measured to do, W, + = injection; null = nobody ever measured it. Overridden: somebody else rules it now.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct AssetPower(WattSpan CanW, (long Watts, long AtNanos)? Measured, bool Overridden = false);
