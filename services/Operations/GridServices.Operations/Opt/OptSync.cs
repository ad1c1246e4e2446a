using GridServices.Operations.Events;
using NodaTime;

namespace GridServices.Operations.Opt;

/// <summary>What was told to the service last about a site in an event, for one direction.</summary>
/// <param name="State">In or out.</param>
/// <param name="Basis">Whose word it was.</param>
/// <param name="Who">As the service was told.</param>
/// <param name="Reason">As the service was told.</param>
public sealed record SentOpt(OptState State, OptBasis Basis, string Who, string Reason);

/// <summary>What is to be done about what the service says.</summary>
public enum OptStep
{
    Nothing,
    Tell,

    /// <summary>Somebody chose otherwise at the service, later: that is shown, and a person decides.</summary>
    Flag,
}

/// <summary>Tells our own words at the service from those of others: by who and why, never by the service's clock.</summary>
public static class OptSync
{
    /// <summary>What we told of that which the service says now; null: it is somebody else's word, or the program's policy.</summary>
    public static SentOpt? FindOwn(SiteOpt there, IEnumerable<SentOpt> told)
    {
        ArgumentNullException.ThrowIfNull(there);
        return there.By == OptSource.User ? told.FirstOrDefault(t => t.State == there.State && t.Who == there.Who && t.Reason == there.Reason) : null;
    }

    /// <param name="there">What the service says.</param>
    /// <param name="wanted">What was chosen or planned.</param>
    /// <param name="chosenAt">When, by our clock.</param>
    /// <param name="told">What we told the service, by direction.</param>
    public static OptStep Decide(SiteOpt there, OptState wanted, Instant chosenAt, IEnumerable<SentOpt> told)
    {
        ArgumentNullException.ThrowIfNull(there);
        return there.State == wanted ? OptStep.Nothing
            : there is { By: OptSource.User, At: { } at } && at > chosenAt && FindOwn(there, told) is null ? OptStep.Flag
            : OptStep.Tell;
    }
}
