using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using GridServices.Client.Access;
using GridServices.Contracts;
using GridServices.Hosting.Links;
using Refit;

namespace GridServices.Hosting.Hub;

/// <summary>The one line to the hub: connections, address and token of all that a publisher asks and tells it.</summary>
public sealed class HubLink : IDisposable
{
    internal const int MostReplyBytes = 16 * 1024 * 1024;

    /// <param name="options">Where, and as whom.</param>
    /// <param name="time">Of the tokens that are fetched; null: the system's.</param>
    public HubLink(HubOptions options, TimeProvider? time = null)
        : this(options ?? throw new ArgumentNullException(nameof(options)), Sender(options, time))
    {
    }

    /// <param name="options">Where, and as whom.</param>
    /// <param name="sender">What carries the requests.</param>
    internal HubLink(HubOptions options, HttpMessageHandler sender)
    {
        (Tenant, TokenSettings) = (options.Tenant, options.TokenSettings);
        Http = new HttpClient(sender) { BaseAddress = new Uri(options.Url.TrimEnd('/') + "/"), Timeout = Timeout.InfiniteTimeSpan };
        if (options.Token is { Length: > 0 } token)
        {
            Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        Api = RestService.ForGenerated<IHubApi>(Http, new RefitSettings(new SystemTextJsonContentSerializer(ContractJson.Options)) { Buffered = true });
    }

    /// <summary>The hub's JSON operations.</summary>
    public IHubApi Api { get; }

    /// <summary>The tenant our hub token belongs to: feedback concerns its sites only.</summary>
    public string Tenant { get; }

    /// <summary>For people who look why a token is refused.</summary>
    internal string TokenSettings { get; }

    /// <summary>For what is not JSON: batches as they are stored, and streams.</summary>
    internal HttpClient Http { get; }

    public void Dispose() => Http.Dispose();

    private static HttpMessageHandler Sender(HubOptions options, TimeProvider? time)
    {
        var bounded = new BoundedReplies(new ConnectionFaultHandler(HubConnections.CreateHandler(options)), MostReplyBytes);
        return options.Credentials is { } credentials ? new AccessTokenHandler(new AccessTokenSource(credentials, HubConnections.CreateHandler(options), time), bounded) : bounded;
    }
}

/// <summary>What the hub's JSON operations answered.</summary>
public static class HubAnswers
{
    /// <summary>The body of an answer that is as it should be.</summary>
    /// <exception cref="HttpRequestException">There is none; the message says why, the status is the hub's where it answered.</exception>
    public static T Require<T>(this IApiResponse<T> answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        return answer is { IsSuccessful: true, Content: { } content } ? content : throw new HttpRequestException(Describe(answer), answer.Error, answer.StatusCode);
    }

    /// <summary>Whether the hub itself says that there is no such thing; a 404 of something between says nothing.</summary>
    public static bool IsNotFoundAtHub(this IApiResponse answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        return answer.StatusCode == HttpStatusCode.NotFound && Read((answer.Error as ApiException)?.Content)?.Type.StartsWith(Problems.TypePrefix, StringComparison.Ordinal) == true;
    }

    /// <summary>Why there is nothing to be had, in one line.</summary>
    public static string Describe(this IApiResponse answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        return SafeText.Line(answer switch
        {
            { StatusCode: null } => answer.Error?.InnerException?.Message ?? answer.Error?.Message ?? "no answer",
            { IsSuccessStatusCode: true } => $"its answer can't be read: {answer.Error?.InnerException?.Message ?? "it is empty"}",
            _ => $"{(int)answer.StatusCode} {Read((answer.Error as ApiException)?.Content)?.Detail ?? answer.ReasonPhrase}",
        });
    }

    private static Problem? Read(string? body)
    {
        try
        {
            return body is { Length: > 0 } ? JsonSerializer.Deserialize<Problem>(body, ContractJson.Options) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
