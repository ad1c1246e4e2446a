using System.Net;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.Hosting.Hub;

namespace GridServices.Hosting.Publishing;

/// <summary>Posts batches to the hub, in the bytes as they are stored, and reads what it says.</summary>
internal sealed class HubChannel(HubLink hub, RelayOptions options)
{
    internal Uri Publish { get; } = new(hub.Http.BaseAddress!, "v1/envelopes");

    internal async Task<HubReply> PostAsync(IReadOnlyList<OutboxRow> rows, CancellationToken ct)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(ct);
        over.CancelAfter(options.Timeout);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, Publish) { Content = new BatchContent(rows) };
            using var response = await hub.Http.SendAsync(request, HttpCompletionOption.ResponseContentRead, over.Token);
            var body = await response.Content.ReadAsByteArrayAsync(over.Token);
            return Read(response, body, rows);
        }
        catch (HttpRequestException away)
        {
            return new HubReply.Failed(away.InnerException?.Message ?? away.Message, null);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return new HubReply.Failed($"no answer within {options.Timeout.TotalSeconds} s", null);
        }
    }

    private HubReply Read(HttpResponseMessage response, byte[] body, IReadOnlyList<OutboxRow> rows) => response.StatusCode switch
    {
        HttpStatusCode.OK => ReadResults(body, rows),
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new HubReply.Misconfigured(
            $"{Publish} refuses the token ({(int)response.StatusCode} {ReadProblem(body)?.Detail}). Check {hub.TokenSettings}: it must be a publisher's."),
        HttpStatusCode.RequestEntityTooLarge => new HubReply.Unfit(ReadProblem(body) ?? Problems.Create(ErrorClass.LimitSize, "The hub does not take this much."), TooLarge: true),
        HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity => ReadProblem(body) is { } problem
            ? new HubReply.Unfit(problem, TooLarge: false)
            : new HubReply.Failed($"{(int)response.StatusCode} was answered, but not as the hub does: something between may have answered for it", null),
        HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError => new HubReply.Failed(
            $"{(int)response.StatusCode} {ReadProblem(body)?.Detail ?? response.ReasonPhrase}", response.Headers.RetryAfter?.Delta),
        _ => new HubReply.Misconfigured($"{Publish} answers {(int)response.StatusCode}. Check Hub:Url: it must be the hub's address."),
    };

    private static HubReply ReadResults(byte[] body, IReadOnlyList<OutboxRow> rows)
    {
        try
        {
            var answer = JsonSerializer.Deserialize<PublishAnswer>(body, ContractJson.Options);
            return answer is not null && ResultOrder.Match(rows, answer.Results) is { } results
                ? new HubReply.Answered(results, answer.Epoch)
                : new HubReply.Failed("its answer does not fit what was sent", null);
        }
        catch (JsonException garbage)
        {
            return new HubReply.Failed($"its answer can't be read: {garbage.Message}", null);
        }
    }

    // Only the hub's own word that an item is unfit sets it aside: a portal's page does not.
    private static Problem? ReadProblem(byte[] body)
    {
        try
        {
            return JsonSerializer.Deserialize<Problem>(body, ContractJson.Options) is { Type: { } type } problem && type.StartsWith(Problems.TypePrefix, StringComparison.Ordinal) ? problem : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
