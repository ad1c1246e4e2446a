using System.Collections.Concurrent;
using System.Text.Json;
using GridServices.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace GridServices.Hosting.Tests.Sample;

/// <summary>A hub that follows a script, one step per request, and behaves well once the script is over.</summary>
internal sealed class FakeHub : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Func<HttpContext, IReadOnlyList<Event>, Task>> _script = new();
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly List<Event> _accepted = [];
    private readonly List<IReadOnlyList<Event>> _batches = [];
    private readonly Lock _gate = new();

    internal sealed record Event(string Id, string Site, string Raw);

    private FakeHub(WebApplication app) => _app = app;

    internal string Url => _app.Urls.First();

    internal string? ContentType { get; private set; }

    internal string? Authorization { get; private set; }

    /// <summary>Everything it took, in the order it took it, each once.</summary>
    internal IReadOnlyList<Event> Accepted
    {
        get
        {
            lock (_gate)
            {
                return [.. _accepted];
            }
        }
    }

    /// <summary>Every request, as it came.</summary>
    internal IReadOnlyList<IReadOnlyList<Event>> Batches
    {
        get
        {
            lock (_gate)
            {
                return [.. _batches];
            }
        }
    }

    internal static async Task<FakeHub> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(server => server.Limits.MaxRequestBodySize = null);
        var hub = new FakeHub(builder.Build());
        hub._app.MapPost("/v1/envelopes", hub.ReceiveAsync);
        hub._app.MapPost("/v1/publishers", hub.HelloAsync);
        await hub._app.StartAsync();
        return hub;
    }

    /// <summary>The history its store is of; null: it knows no hello, as older hubs.</summary>
    internal string? Epoch { get; set; }

    /// <summary>Publishers that it says it waits for.</summary>
    internal IReadOnlyList<string>? WaitingFor { get; set; }

    /// <summary>So many hellos get no answer at all, as on a line to a machine that is gone.</summary>
    internal int Unanswered { get; set; }

    /// <summary>How long a hello takes; one that is given up before is not taken.</summary>
    internal TimeSpan HelloTakes { get; set; }

    /// <summary>Every hello, in order.</summary>
    internal ConcurrentQueue<PublisherHello> Hellos { get; } = new();

    /// <summary>Another store: it knows nothing of what it took before.</summary>
    internal void Lose(string epoch)
    {
        lock (_gate)
        {
            _known.Clear();
            Epoch = epoch;
        }
    }

    internal FakeHub Then(Func<HttpContext, IReadOnlyList<Event>, Task> step)
    {
        _script.Enqueue(step);
        return this;
    }

    internal FakeHub ThenStatus(int status, int times = 1)
    {
        for (var i = 0; i < times; i++)
        {
            Then((context, _) =>
            {
                context.Response.StatusCode = status;
                return Task.CompletedTask;
            });
        }

        return this;
    }

    /// <summary>Takes the events, rejecting those the judge has a problem with.</summary>
    internal IReadOnlyList<PublishResult> Take(IReadOnlyList<Event> events, Func<Event, Problem?>? judge = null)
    {
        lock (_gate)
        {
            return [.. events.Select(item => judge?.Invoke(item) is { } problem
                ? new PublishResult { Id = item.Id, Status = PublishStatus.Rejected, Problem = problem }
                : new PublishResult { Id = item.Id, Status = TakeOne(item) })];
        }
    }

    internal static Task AnswerAsync(HttpContext context, IReadOnlyList<PublishResult> results) =>
        context.Response.WriteAsJsonAsync(new PublishAnswer(results), ContractJson.Options);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task HelloAsync(HttpContext context)
    {
        if (Epoch is not { } epoch)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        if (Unanswered-- > 0)
        {
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }

        await Task.Delay(HelloTakes, context.RequestAborted);
        Hellos.Enqueue((await JsonSerializer.DeserializeAsync<PublisherHello>(context.Request.Body, ContractJson.Options))!);
        await context.Response.WriteAsJsonAsync(new PublisherAnswer { Epoch = epoch, Head = 7, WaitingFor = WaitingFor }, ContractJson.Options);
    }

    private PublishStatus TakeOne(Event item)
    {
        if (!_known.Add(item.Id))
        {
            return PublishStatus.Duplicate;
        }

        _accepted.Add(item);
        return PublishStatus.Accepted;
    }

    private async Task ReceiveAsync(HttpContext context)
    {
        ContentType = context.Request.ContentType;
        Authorization = context.Request.Headers.Authorization;
        using var json = await JsonDocument.ParseAsync(context.Request.Body);
        Event[] events = [.. json.RootElement.EnumerateArray().Select(item => new Event(
            item.GetProperty("id").GetString()!, item.GetProperty("subject").GetString()!, item.GetRawText()))];
        lock (_gate)
        {
            _batches.Add(events);
        }

        await (_script.TryDequeue(out var step) ? step(context, events) : AnswerAsync(context, Take(events)));
    }
}
