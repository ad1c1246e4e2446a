using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Service.Driver;
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

    /// <summary>Whom the listener refused last, whatever VEN was meant, and why.</summary>
    public string? LastRefused { get; init; }

    internal static async Task<PushReport?> OfAsync(VenView ven, List<string> advice, CancellationToken ct)
    {
        if (ven.Config is not { Transport: VenTransport.Push, TransportAddress: { } address } || ven.Push is not { } status)
        {
            return null;
        }

        var problem = await ListenerProbe.ProblemAsync(status, ct);
        advice.AddRange(Advice(ven, address, problem, status.Refused));
        return new PushReport
        {
            Listening = problem is null,
            Listener = status.Address?.ToString(),
            TransportAddress = address,
            LastPushAt = ven.PushedAt,
            LastRefused = status.Refused,
        };
    }

    private static IEnumerable<string> Advice(VenView ven, string address, string? problem, string? refused)
    {
        if (problem is not null)
        {
            yield return $"The VTN can't push: {problem}.";
        }
        else if (ven.PushedAt is null && ven.State.Registration is not null)
        {
            yield return $"The VTN has pushed nothing since the registration, which is normal where it has nothing to say. It was told {address}: that must lead to the listener, with TLS ended nowhere before it."
                + (refused is null ? string.Empty : $" The listener refused a caller: {UtilityConnection.Clause(refused)}.");
        }
    }
}
