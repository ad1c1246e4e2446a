using GridServices.Contracts;

namespace GridServices.Operations;

/// <summary>The limits that hold at a site's connection as the hub's answer of this moment says them.</summary>
public static class HeldLimits
{
    /// <param name="answer">From now on, as <c>GET /v1/sites/{siteId}/effective</c> gives it.</param>
    /// <param name="siteId">The site.</param>
    /// <returns>Without a statement where nothing limits the site; null where that is not known, because not every publisher has restated what the hub has lost.</returns>
    public static EffectiveLimits? Of(EffectiveTimeline answer, string siteId)
    {
        ArgumentNullException.ThrowIfNull(answer);
        return answer.Incomplete is true
            ? null
            : answer.Find(new EnvelopeTarget(TargetKind.Site, siteId), answer.From)?.Limits ?? EffectiveLimits.None;
    }
}
