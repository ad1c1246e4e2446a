using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace GridServices.FrequencyResponse.Service.Tests.Submission;

/// <summary>What a receiver answers to a plan that it has read.</summary>
public enum ReceiverAnswer
{
    /// <summary>204.</summary>
    Taken,

    /// <summary>409.</summary>
    Conflict,

    /// <summary>429: it was not taken.</summary>
    Busy,

    /// <summary>503, as a proxy says it whose line to the receiver ended before the answer.</summary>
    Unavailable,

    /// <summary>The line is cut.</summary>
    Cut,

    /// <summary>Nothing, for as long as the sender waits.</summary>
    None,
}

/// <summary>A receiver of plans that keeps what it reads, whatever it answers.</summary>
internal sealed class PlanReceiver(WebApplication app, ConcurrentQueue<(string Key, JsonNode Body)> heard) : IAsyncDisposable
{
    /// <summary>Everything that came, in order.</summary>
    public ConcurrentQueue<(string Key, JsonNode Body)> Heard => heard;

    public string Url => $"{app.Urls.First()}/plans";

    /// <param name="answer">By how often it heard of that plan, this time included.</param>
    public static async Task<PlanReceiver> StartAsync(Func<int, ReceiverAnswer> answer)
    {
        var heard = new ConcurrentQueue<(string Key, JsonNode Body)>();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.MapPost("/plans", async (HttpContext http) =>
        {
            var key = http.Request.Headers["Idempotency-Key"].ToString();
            heard.Enqueue((key, (await JsonNode.ParseAsync(http.Request.Body, cancellationToken: http.RequestAborted))!));
            var given = answer(heard.Count(h => h.Key == key));
            if (given == ReceiverAnswer.None)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, http.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            else if (given == ReceiverAnswer.Cut)
            {
                http.Abort();
            }

            return Results.StatusCode((int)(given switch
            {
                ReceiverAnswer.Taken => HttpStatusCode.NoContent,
                ReceiverAnswer.Conflict => HttpStatusCode.Conflict,
                ReceiverAnswer.Busy => HttpStatusCode.TooManyRequests,
                _ => HttpStatusCode.ServiceUnavailable,
            }));
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new PlanReceiver(app, heard);
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
