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

    /// <summary>How often time alone is looked at. Default 250 ms: a limit's start is obeyed within that.</summary>
    public Duration Tick { get; init; } = Duration.FromMilliseconds(250);
}
