using System.Text.Json;
using GridServices.Adapters.Messages;

namespace GridServices.Adapters.Ocpp;

/// <summary>What became of a profile.</summary>
public enum ProfileOutcome
{
    /// <summary>The station took it.</summary>
    Accepted,

    /// <summary>The station said that it does not take it, or that it did not look into the request.</summary>
    Refused,

    /// <summary>The charge-station system did not send it.</summary>
    NotSent,

    /// <summary>It is on its way; the station's answer follows.</summary>
    OnItsWay,

    /// <summary>It may have been sent, or not.</summary>
    Unknown,
}

/// <summary>The answer to a profile, of the charge-station system or of the station.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="Why">For an operator; empty where it was taken.</param>
public sealed record ProfileAnswer(ProfileOutcome Outcome, string Why)
{
    // Errors of OCPP, 1.6 and later, by which a station says that it did not look into the request. After every other one the profile may hold all the same.
    private static readonly HashSet<string> NotLookedInto = new(StringComparer.Ordinal)
    {
        "NotImplemented", "NotSupported", "ProtocolError", "SecurityError", "FormationViolation", "FormatViolation", "PropertyConstraintViolation",
        "OccurenceConstraintViolation", "OccurrenceConstraintViolation", "TypeConstraintViolation", "MessageTypeNotSupported", "RpcFrameworkError",
    };

    /// <summary>What the system answered: CitrineOS with <c>success</c>, of one station or in a list; others with the station's own answer at once.</summary>
    /// <param name="status">Of HTTP.</param>
    /// <param name="body">Of HTTP.</param>
    /// <param name="isStations">True where the system waits for the station and hands its answer on; false where that comes later, and "Accepted" is the system's word alone.</param>
    public static ProfileAnswer FromSystem(int status, string body, bool isStations)
    {
        if (status is < 200 or >= 300)
        {
            var outcome = status is >= 400 and < 500 and not 408 ? ProfileOutcome.NotSent : ProfileOutcome.Unknown;
            return new ProfileAnswer(outcome, $"the charge-station system answers {status}: {PeerText.Sanitize(body)}");
        }

        if (Object(body) is not { } answer)
        {
            return new ProfileAnswer(ProfileOutcome.Unknown, $"the charge-station system's answer can't be read: {PeerText.Sanitize(body)}");
        }

        if (answer.TryGetProperty("status", out var word))
        {
            return isStations ? FromStation(body)
                : word.ValueKind == JsonValueKind.String && word.GetString() == "Accepted" ? new ProfileAnswer(ProfileOutcome.OnItsWay, string.Empty)
                : new ProfileAnswer(ProfileOutcome.Unknown, $"the charge-station system answers {PeerText.Sanitize(body)}");
        }

        return answer.TryGetProperty("success", out var success) && success.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? success.GetBoolean() ? new ProfileAnswer(ProfileOutcome.OnItsWay, string.Empty) : new ProfileAnswer(ProfileOutcome.NotSent, $"the charge-station system did not send it: {Payload(answer)}")
            : new ProfileAnswer(ProfileOutcome.Unknown, $"the charge-station system's answer says neither success nor status: {PeerText.Sanitize(body)}");
    }

    /// <summary>What the station answered to ClearChargingProfile. "Unknown" is that it has no such profile: there is nothing to clear.</summary>
    public static ProfileAnswer FromClearing(string body) => Word(Object(body), "status") == "Unknown" ? new ProfileAnswer(ProfileOutcome.Accepted, string.Empty) : FromStation(body);

    /// <summary>What the station answered: SetChargingProfileResponse, or an error of OCPP. Half an answer, or one in other words, is neither a yes nor a no.</summary>
    public static ProfileAnswer FromStation(string body)
    {
        var answer = Object(body);
        return Word(answer, "status") switch
        {
            "Accepted" => new ProfileAnswer(ProfileOutcome.Accepted, string.Empty),
            "Rejected" or "NotSupported" => new ProfileAnswer(ProfileOutcome.Refused, $"the station answers {PeerText.Sanitize(body)}"),
            null when Word(answer, "errorCode") is { } error && NotLookedInto.Contains(error) => new ProfileAnswer(ProfileOutcome.Refused, $"the station answers an error: {PeerText.Sanitize(body)}"),
            _ => new ProfileAnswer(ProfileOutcome.Unknown, $"the station's answer says neither yes nor no, so that it may hold the profile or not: {PeerText.Sanitize(body)}"),
        };
    }

    private static string? Word(JsonElement? answer, string name) =>
        answer is { } read && read.TryGetProperty(name, out var word) && word.ValueKind == JsonValueKind.String ? word.GetString() : null;

    // A list is of one station, for one is asked at a time.
    private static JsonElement? Object(string body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            var one = root.ValueKind == JsonValueKind.Array && root.GetArrayLength() == 1 ? root[0] : root;
            return one.ValueKind == JsonValueKind.Object ? one.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Payload(JsonElement answer) => answer.TryGetProperty("payload", out var payload) ? PeerText.Sanitize(payload.ToString()) : "it does not say why";
}
