using System.Text.Json;
using NodaTime;

namespace GridServices.Client.Access;

/// <summary>What a token endpoint answered (RFC 6749 5.1, 5.2).</summary>
/// <param name="Token">The access token.</param>
/// <param name="Lifetime">Counted from the request.</param>
internal sealed record TokenAnswer(string Token, Duration Lifetime)
{
    internal const int MostBytes = 64 * 1024;
    private const int LongestToken = 16 * 1024;
    private const int LongestCode = 64;

    /// <summary>The standard only recommends that the lifetime be said.</summary>
    private static readonly Duration Unsaid = Duration.FromMinutes(5);
    private static readonly Duration Longest = Duration.FromDays(1);

    /// <exception cref="HttpRequestException">It is no token; the message says why, and holds nothing of what could be one.</exception>
    internal static TokenAnswer Read(int status, byte[] body)
    {
        using var document = Parse(body);
        if (document is null || document.RootElement.ValueKind != JsonValueKind.Object)
        {
            throw new HttpRequestException($"{status} was answered, but not as a token endpoint does");
        }

        var answer = document.RootElement;
        return status != 200 ? throw new HttpRequestException($"it answered {status}{Code(answer)}")
            : !string.Equals(Text(answer, "token_type"), "Bearer", StringComparison.OrdinalIgnoreCase) ? throw new HttpRequestException("its token is no bearer token")
            : Text(answer, "access_token") is { Length: > 0 and <= LongestToken } token && token.All(c => c is > ' ' and <= '~') ? new TokenAnswer(token, Life(answer))
            : throw new HttpRequestException("its answer holds no token");
    }

    private static JsonDocument? Parse(byte[] body)
    {
        try
        {
            return JsonDocument.Parse(body);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // The code alone: what a server describes may quote what it was sent.
    private static string Code(JsonElement answer) => Text(answer, "error") is { Length: <= LongestCode } code && code.All(c => char.IsAsciiLetterLower(c) || c == '_') ? $" ({code})" : string.Empty;

    private static Duration Life(JsonElement answer) => answer.TryGetProperty("expires_in", out var said)
        ? said.ValueKind == JsonValueKind.Number && said.TryGetInt64(out var seconds) && seconds > 0
            ? Duration.Min(Longest, Duration.FromSeconds(Math.Min(seconds, 1_000_000)))
            : throw new HttpRequestException("its answer does not say in whole seconds how long the token holds (expires_in)")
        : Unsaid;

    private static string? Text(JsonElement answer, string name)
    {
        try
        {
            return answer.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null; // no text: half a surrogate pair, or bytes that are no UTF-8
        }
    }
}
