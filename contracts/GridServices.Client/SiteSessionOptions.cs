using NodaTime;

namespace GridServices.Client;

/// <summary>How a controller follows its site.</summary>
public sealed record SiteSessionOptions
{
    public required HubClientOptions Hub { get; init; }

    /// <summary>The controller's own fail-safe rules.</summary>
    public FailsafeOptions Failsafe { get; init; } = new();

    /// <summary>File that keeps the last-known set over restarts; null: nothing is kept.</summary>
    public string? StateFile { get; init; }

    /// <summary>
    /// Asked at every step, with the limits that hold: whether who has to obey them was told so. While it says no, nothing is acknowledged to the hub, and what ends meanwhile never is.
    /// Null: the session's owner obeys itself. It must be quick, is asked by one thread at a time while none of the session's locks is held, and says no where it throws.
    /// </summary>
    public Func<SiteLimits, bool>? Acknowledges { get; init; }

    /// <summary>How often time alone is looked at. Default 250 ms: a limit's start is obeyed within that.</summary>
    public Duration Tick { get; init; } = Duration.FromMilliseconds(250);
}
