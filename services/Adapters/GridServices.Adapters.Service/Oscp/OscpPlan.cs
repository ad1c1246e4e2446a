using System.Net;
using GridServices.Adapters.Oscp;

namespace GridServices.Adapters.Service.Oscp;

/// <summary>What one adapter tells a flexibility provider.</summary>
internal sealed record OscpPlan
{
    /// <summary>Where the flexibility provider takes registrations; null: it comes to us.</summary>
    public required Uri? RegisterUrl { get; init; }

    /// <summary>The network is one's own: tokens and limits may go over it without TLS.</summary>
    public bool AllowPlain { get; init; }

    /// <summary>A file whose first line is the token of the first registration.</summary>
    public required string TokenFile { get; init; }

    /// <summary>Keeps the registration over restarts.</summary>
    public required string RegistrationFile { get; init; }

    public required IPEndPoint Listen { get; init; }

    /// <summary>The same as the flexibility provider reaches it.</summary>
    public required Uri Address { get; init; }

    public required CapacityForecast Forecast { get; init; }

    /// <summary>What is sent, in this order: every type but those that the flexibility provider has no use for.</summary>
    public IReadOnlyList<ForecastType> Types { get; init; } = CapacityForecast.Types;

    /// <summary>We are heard so often, unless the flexibility provider wants to hear us more often.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Forecasts are sent again after this.</summary>
    public TimeSpan Every { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>Whether requests go to an address that the other side names: by TLS, or on this machine where the other side is known to be here, so that nobody elsewhere leads us to what listens here alone.</summary>
    public bool Allows(Uri peer) => AllowPlain || (ThisMachine.Is(peer) ? ThisMachine.Is(RegisterUrl ?? Address) : peer.Scheme == "https");
}
