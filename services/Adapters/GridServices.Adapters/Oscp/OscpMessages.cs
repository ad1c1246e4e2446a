using System.Text.Json;
using System.Text.Json.Serialization;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Adapters.Oscp;

/// <summary>A registration, either way: the token that the receiver is to bear, and where the sender is reached.</summary>
/// <param name="Token">For requests to the sender.</param>
/// <param name="VersionUrl">One address for each version that the sender speaks.</param>
public sealed record Registration([property: JsonPropertyName("token")] string Token, [property: JsonPropertyName("version_url")] IReadOnlyList<VersionUrl> VersionUrl)
{
    /// <summary>Where version 2.0 is spoken; null: nowhere.</summary>
    public Uri? Version2() =>
        VersionUrl.FirstOrDefault(v => v?.Version is "2.0") is { } spoken && Uri.TryCreate(spoken.BaseUrl, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" ? url : null;
}

/// <summary>One version and its address.</summary>
public sealed record VersionUrl([property: JsonPropertyName("version")] string Version, [property: JsonPropertyName("base_url")] string BaseUrl);

/// <summary>The small messages of OSCP 2.0.</summary>
public static class OscpMessages
{
    /// <summary>The version of the protocol.</summary>
    public const string Version = "2.0";

    /// <summary>Who we are, to who asks for it: <paramref name="token"/> is what the other side bears from then on.</summary>
    public static string Register(string token, Uri address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return JsonSerializer.Serialize(new Registration(token, [new VersionUrl(Version, address.ToString())]));
    }

    /// <summary>Asks the other side for a heartbeat so often, and for no measurements.</summary>
    public static string Handshake(Duration heartbeat) => $$$"""{"required_behaviour":{"heartbeat_interval":{{{(long)heartbeat.TotalSeconds}}},"measurement_configuration":[]}}""";

    /// <summary>From then on we count as gone, and the fallback capacities hold.</summary>
    public static string Heartbeat(Instant offlineAt) => $$"""{"offline_mode_at":"{{InstantPattern.ExtendedIso.Format(Instant.FromUnixTimeSeconds(offlineAt.ToUnixTimeSeconds()))}}"}""";

    /// <summary>A registration; null: it is none that can be used, <paramref name="fault"/> says why.</summary>
    public static Registration? ReadRegistration(string body, out string fault)
    {
        fault = string.Empty;
        try
        {
            if (JsonSerializer.Deserialize<Registration>(body) is { Token.Length: > 0 and <= 1_000, VersionUrl.Count: > 0 } read && read.Token.All(c => c is > ' ' and <= '~') && read.Version2() is not null)
            {
                return read;
            }

            fault = "A registration has a token of visible characters and, in version_url, an address of version 2.0.";
        }
        catch (JsonException unread)
        {
            fault = $"The registration can't be read: {unread.Message}";
        }

        return null;
    }

    /// <summary>How often the other side wants to hear from us, by its handshake; null: it does not say.</summary>
    public static Duration? HeartbeatWanted(string body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("required_behaviour", out var wanted) && wanted.ValueKind == JsonValueKind.Object
                && wanted.TryGetProperty("heartbeat_interval", out var seconds) && seconds.TryGetDouble(out var value) && value is >= 1 and <= 86_400
                ? Duration.FromSeconds(value)
                : null;
        }
        catch (Exception unread) when (unread is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
