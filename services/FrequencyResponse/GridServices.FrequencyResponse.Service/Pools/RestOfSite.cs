using System.Runtime.InteropServices;

namespace GridServices.FrequencyResponse.Service.Pools;

/// <summary>
/// What a site draws beside a pool, W, + = import. A reading of the site shows the pool's own power as it was then, so that what the pool was told since
/// makes no room:
/// <code>
///   rest = site's net power + what the pool injected at that moment
///          measured by all assets at the same moment        that sum
///          measured before or after it                      that sum, or what the pool was told meanwhile, or between the two
///          by an asset that nobody measured                 anything that the asset can do
///          by the only asset, which was never measured      nothing, or what it was told in the ten seconds before, or between the two
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
    private const long SameNanos = 10_000_000;
    private readonly Lock _gate = new();
    private readonly SetpointHistory _told = new();
    private (SiteReading Reading, RestPower Found)? _held;

    /// <param name="nowNanos">Monotonic.</param>
    /// <param name="toldW">All that the pool was told since the note before, W, + = injection.</param>
    public void Note(long nowNanos, WattSpan toldW)
    {
        lock (_gate)
        {
            _told.Note(nowNanos, toldW);
        }
    }

    /// <summary>What is known of it. Each look at one reading can only say more.</summary>
    public RestPower Estimate(SiteReading site, IReadOnlyList<AssetPower> assets)
    {
        lock (_gate)
        {
            var before = _held?.Found;
            var held = _held is { } last && last.Reading.NetW == site.NetW && Math.Abs(last.Reading.AtNanos - site.AtNanos) <= SameNanos ? before : null;
            if (held is { LikelyW: null, W.IsExact: true } exact)
            {
                return exact;
            }

            var rest = ToldAlone(site.AtNanos, assets) is { } told
                ? held ?? Unseen(WattSpan.Exactly(site.NetW) + told, before?.LikelyW)
                : Seen(WattSpan.Exactly(site.NetW) + Own(site.AtNanos, assets), held);
            _held = (site, rest);
            return rest;
        }
    }

    private static RestPower Seen(WattSpan now, RestPower? held) => new(held is { LikelyW: null } same ? same.W.And(now) : now);

    /// <summary>Nobody sees whether the asset does what it is told: what moves the rest least since the reading before is the likeliest.</summary>
    private static RestPower Unseen(WattSpan now, double? likelyBefore) =>
        new(now, likelyBefore is { } likely ? Math.Clamp(likely, now.Least, now.Most) : (now.Least + now.Most) / 2);

    /// <summary>
    /// What the only asset, which was never measured, may have done by what it was told; null where that is not known, or another rule holds. Of several only the sum is kept: 0 may be +5 and -5.
    /// One that fell silent may follow no more, and one that was taken out of our hands does not.
    /// </summary>
    private WattSpan? ToldAlone(long atNanos, IReadOnlyList<AssetPower> assets) =>
        assets is [{ Measured: null, Overridden: false }] && _told.Between(atNanos - AnswerNanos, atNanos) is { } told ? told.Or(WattSpan.Exactly(0)) : null;

    /// <summary>What the pool injected at a moment.</summary>
    private WattSpan Own(long atNanos, IReadOnlyList<AssetPower> assets)
    {
        var (own, can, first, last) = (WattSpan.Exactly(0), WattSpan.Exactly(0), atNanos, atNanos);
        foreach (var asset in assets)
        {
            can += asset.CanW;
            if (asset.Measured is not { } measured || Math.Abs(measured.AtNanos - atNanos) > ApartNanos)
            {
                own += asset.CanW;
                continue;
            }

            own += WattSpan.Exactly(measured.Watts);
            (first, last) = (Math.Min(first, measured.AtNanos), Math.Max(last, measured.AtNanos));
        }

        return last - first <= TogetherNanos ? own : own.Or(_told.Between(last > atNanos ? first - AnswerNanos : first, last) ?? can);
    }
}

/// <summary>Net power of a site, W, + = import, and when it was measured, monotonic.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct SiteReading(long NetW, long AtNanos);

/// <summary>An asset of a pool: what it can do, and what it was measured to do, W, + = injection; null = nobody ever measured it. Overridden: somebody else rules it now.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct AssetPower(WattSpan CanW, (long Watts, long AtNanos)? Measured, bool Overridden = false);
