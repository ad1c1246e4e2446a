using NodaTime;

namespace GridServices.Ieee2030Dot5;

/// <summary>An IEEE 2030.5 client: state and input in, new state, publications and the next request out. No I/O, no clock, no dice.</summary>
/// <remarks>
/// <code>
///   ┌─▶ Next ──request──▶ (shell: send) ──status, headers, body──▶ Apply ──▶ state + publications, one transaction ──┐
///   └────────────────────────────────────────────────────────────────────────────────────────────────────────────────┘
/// </code>
/// A crash anywhere repeats the request: what is owed leaves the state only when its reply was applied. One request at a time.
/// </remarks>
public static class DerClient
{
    /// <summary>What to do now: one request, or wait. Depends on its arguments alone.</summary>
    /// <param name="config">With <see cref="DerClientConfig.Lfdi"/> filled in.</param>
    /// <param name="state">What is known.</param>
    /// <param name="now">Of a clock that never jumps while the process lives.</param>
    public static DerNext Next(DerClientConfig config, DerClientState state, Instant now)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(state);
        if (state.Line.QuietUntil is { } quiet && quiet > now)
        {
            return new DerNext.WaitUntil(quiet);
        }

        var href = new Uri(config.ServerUrl, UriKind.Absolute).PathAndQuery;
        return new DerNext.SendRequest(state.Requests + 1, "GET", href, "application/sep+xml", null, null, new DerPurpose.Read(NodeKind.DeviceCapability, href, 0));
    }

    /// <summary>Takes in what happened. <paramref name="seed"/>: drawn anew by the caller for every input; the only source of chance.</summary>
    public static DerStep Apply(DerClientConfig config, DerClientState state, DerInput input, Instant now, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(state);
        var line = input is DerInput.TransportFailed
            ? state.Line with { Failures = state.Line.Failures + 1, LostSince = state.Line.LostSince ?? now, QuietUntil = now + config.Polling.MaxBackOff }
            : state.Line;
        return new DerStep(state with { Line = line }, [], [], MustStore: false);
    }
}
