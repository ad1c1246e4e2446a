using GridServices.Hosting.Configuration;

namespace GridServices.Hosting.Telemetry;

/// <summary>Where traces, metrics and logs go.</summary>
public sealed record OtlpOptions : ISettings
{
    public static string Section => "Otlp";

    /// <summary>Collector that traces, metrics and logs go to by OTLP (http/protobuf) when set.</summary>
    public string? Endpoint { get; init; }

    /// <summary>The collector; null: none.</summary>
    public Uri? Collector => Endpoint is { Length: > 0 } endpoint ? new Uri(endpoint) : null;

    public IEnumerable<string> Validate() => Endpoint is { Length: > 0 } ? Bounds.HttpAddress("Otlp:Endpoint", Endpoint, "http://127.0.0.1:4318") : [];
}
