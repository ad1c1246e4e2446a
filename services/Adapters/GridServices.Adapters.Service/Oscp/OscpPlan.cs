using System.Net;
using GridServices.Adapters.Oscp;

namespace GridServices.Adapters.Service.Oscp;

/// <summary>What one adapter tells a flexibility provider.</summary>
internal sealed record OscpPlan
{
    /// <summary>Where the flexibility provider takes registrations; null: it comes to us.</summary>
    public required Uri? RegisterUrl { get; init; }

    /// <summary>A file whose first line is the token of the first registration.</summary>
    public required string TokenFile { get; init; }

    /// <summary>Keeps the registration over restarts.</summary>
    public required string RegistrationFile { get; init; }

    public required IPEndPoint Listen { get; init; }

    /// <summary>The same as the flexibility provider reaches it.</summary>
    public required Uri Address { get; init; }

    public required CapacityForecast Forecast { get; init; }

    /// <summary>We are heard so often, unless the flexibility provider wants to hear us more often.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Forecasts are sent again after this.</summary>
    public TimeSpan Every { get; init; } = TimeSpan.FromSeconds(300);
}
