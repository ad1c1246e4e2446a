using GridServices.Adapters.Lines;
using GridServices.Client;
using GridServices.Contracts;

namespace GridServices.Adapters.Service.Sites;

/// <summary>Whose limits an adapter follows, and by what rules.</summary>
internal sealed record SitePlan(string Adapter, SiteSessionOptions Session, SiteRules Rules)
{
    /// <summary>Parts of the site that the peer is bound to beside the connection point.</summary>
    public IReadOnlyList<EnvelopeTarget> Parts { get; init; } = [];

    /// <summary>Parts whose limits somebody else keeps.</summary>
    public IReadOnlyList<EnvelopeTarget> PartsOfOthers { get; init; } = [];

    /// <summary>Nobody said what voltage a phase has: the lowest of any net is taken.</summary>
    public bool AssumesPhaseVolts { get; init; }
}
