using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Service.Driver;
using GridServices.OpenAdr.Service.Push;
using GridServices.UtilityClients.Doctor;
using GridServices.UtilityClients.Listening;
using NodaTime;

namespace GridServices.OpenAdr.Service.Doctor;

/// <summary>Whether the VTN can push: seen from here, which is not where the VTN is.</summary>
public sealed record PushReport
{
    /// <summary>True: the service's listener takes connections.</summary>
    public required bool Listening { get; init; }

    /// <summary>Where it listens; absent: nowhere.</summary>
    public string? Listener { get; init; }

    /// <summary>The address the VTN was told (oadrTransportAddress).</summary>
    public required string TransportAddress { get; init; }

    public Instant? LastPushAt { get; init; }

    /// <summary>Why the listener last refused a push, or a caller that may have been this VEN's VTN or that showed no certificate at all; absent: a push was taken since, or there was none since the start.</summary>
    public string? LastRefused { get; init; }

    /// <summary>When that was.</summary>
    public Instant? LastRefusedAt { get; init; }
}

/// <summary>Looks at the listener as a person would.</summary>
internal sealed class PushInspector(ListenerStatus status, PushRefusals refusals, PushOptions options)
{
    public async Task<PushReport?> InspectAsync(VenView ven, Instant now, List<string> advice, CancellationToken ct)
    {
        if (ven.Config is not { Transport: VenTransport.Push, TransportAddress: { } address })
        {
            return null;
        }

        var problem = await ListenerProbe.ProblemAsync(status, ct);
        var refused = Refused(ven);
        advice.AddRange(Advice(ven, address, problem, refused));
        if (problem is null)
        {
            advice.AddRange(ExpiryAdvice.Describe(options.Watched, now));
        }

        return new PushReport
        {
            Listening = problem is null,
            Listener = status.Address?.ToString(),
            TransportAddress = address,
            LastPushAt = ven.PushedAt,
            LastRefused = refused?.Why,
            LastRefusedAt = refused?.At,
        };
    }

    // A push that was taken since shows that it is healed.
    private PushRefusal? Refused(VenView ven) =>
        (refusals.FindLatest(ven.Id, PushVtn.From(ven.Config)) ?? (status is { Refused: { } why, RefusedAt: { } at } ? new PushRefusal(why, at) : null)) is { } last
        && !(ven.PushedAt >= last.At) ? last : null;

    private static IEnumerable<string> Advice(VenView ven, string address, string? problem, PushRefusal? refused)
    {
        if (problem is not null)
        {
            yield return $"The VTN can't push: {UtilityConnection.Clause(problem)}.";
        }
        else if (ven.PushedAt is null && ven.State.Registration is not null)
        {
            yield return $"The VTN has pushed nothing since the registration, which is normal where it has nothing to say. It was told {address}: that must lead to the listener, with TLS ended nowhere before it."
                + (refused is null ? string.Empty : $" The listener refused something at {refused.At}: {UtilityConnection.Clause(refused.Why)}.");
        }
        else if (refused is not null)
        {
            yield return $"The listener refused something at {refused.At}, and nothing was taken since ({ven.PushedAt}): {UtilityConnection.Clause(refused.Why)}. Tell the VTN's operator where it was the VTN.";
        }
    }
}
