using GridServices.Contracts;
using NodaTime;

namespace GridServices.Operations;

/// <summary>The standing envelope of a connection: a limit that holds before, and whatever, any utility says.</summary>
public static class ConnectionEnvelope
{
    /// <summary>Of the tier that nothing outranks.</summary>
    public static StreamId Stream { get; } = new("operations", "connection");

    // The schedule is one open segment, so what holds is the same whether the line is alive or not.
    private static readonly Duration StaleAfter = Duration.FromMinutes(5);

    /// <param name="site">Whose connection.</param>
    /// <param name="envelopeId">UUIDv7 of this revision.</param>
    /// <param name="revision">From 1, one more with each change.</param>
    /// <param name="now">Since when it holds.</param>
    /// <returns>Null where an import limit was never known: the limit's actions say what is missing.</returns>
    public static Envelope? Create(Site site, Guid envelopeId, long revision, Instant now)
    {
        ArgumentNullException.ThrowIfNull(site);
        var limit = ConnectionLimit.Compute(site);
        return limit.ImportW is null ? null : Envelope(site, limit, envelopeId, revision, now);
    }

    private static Envelope Envelope(Site site, ConnectionLimit limit, Guid envelopeId, long revision, Instant now)
    {
        var limits = new Limits
        {
            ImportLimitW = limit.ImportW,
            ExportLimitW = limit.ExportW ?? 0, // not stated is not allowed
            PerPhase = PerPhase(site.HeldConnection ?? site.Connection, limit.ContinuousA),
        };
        return new Envelope
        {
            EnvelopeId = envelopeId,
            Revision = revision,
            SiteId = site.SiteId,
            Target = new EnvelopeTarget(TargetKind.Site, site.SiteId),
            Stream = Stream,
            Tier = Tier.Safety,
            Obligation = Obligation.Mandatory,
            Segments = [new Segment { From = now, Until = null, Limits = limits }],
            Default = new DefaultLimits { Limits = limits },
            Failsafe = new Failsafe { StaleAfter = StaleAfter, OnStale = OnStale.HoldSchedule },
            Provenance = new Provenance { Protocol = "site connection", Authority = limit.Rule, Program = limit.Calculation },
        };
    }

    /// <summary>A breaker trips on the conductor that carries most, whatever the sum.</summary>
    private static PhaseLimits? PerPhase(SiteConnection connection, decimal? amperes)
    {
        if (amperes is null)
        {
            return null;
        }

        var phase = new PhaseLimit { ImportLimitA = amperes };
        return connection.Wiring switch
        {
            PhaseWiring.ThreePhase => new PhaseLimits { L1 = phase, L2 = phase, L3 = phase },
            PhaseWiring.Split => new PhaseLimits { L1 = phase, L2 = phase },
            _ => new PhaseLimits { L1 = phase },
        };
    }
}
