using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dapper;
using GridServices.Contracts;
using GridServices.Hosting.Hub;
using GridServices.Hosting.Publishing;
using GridServices.Hosting.Storage;
using GridServices.Hosting.Tests.Sample;
using GridServices.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace GridServices.Hosting.Tests.Relay;

/// <summary>A publisher that has said something before, and a hub that may hold something else.</summary>
public abstract class RestatementRig : RelayRig
{
    private protected static readonly RelayOptions Eager = new()
    {
        FirstPause = TimeSpan.FromMilliseconds(5),
        LongestPause = TimeSpan.FromMilliseconds(40),
        LookAgain = TimeSpan.FromMilliseconds(50),
        HelloInterval = TimeSpan.FromMilliseconds(20),
        SettleTime = TimeSpan.Zero,
        Timeout = Until.Ceiling,
    };

    /// <summary>A start of the service that said this, and that the hub took all of.</summary>
    private protected async Task SayBeforeAsync(TestStore store, params OutboxItem[] words)
    {
        Hub.Epoch = "e1";
        await using var before = await StartPublisherAsync(store);
        await AddAsync(before, words);
        await UntilAsync(() => Hub.Hellos.Any(hello => hello.RestatedEpoch == "e1"));
        await EmptyAsync(before);
    }

    /// <summary>The hub holds something else of all that is said next.</summary>
    private protected void ThenHeld(long revision) => Hub.Then((context, events) => FakeHub.AnswerAsync(
        context, [.. events.Select(item => new PublishResult { Id = item.Id, Status = PublishStatus.Stale, HeldRevision = revision })]));

    private protected Task SomeHellosAsync()
    {
        var heard = Hub.Hellos.Count;
        return UntilAsync(() => Hub.Hellos.Count > heard + 5);
    }

    private protected static async Task StrikeAsync(ServiceApp service)
    {
        using var person = service.Client(service.Tokens.Operator);
        var parked = Assert.Single((await ViewAsync(service)).ParkedItems);
        using var struck = await person.DeleteAsync(new Uri($"/v1/outbox/{parked.Id}", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NoContent, struck.StatusCode);
        using var again = await person.DeleteAsync(new Uri($"/v1/outbox/{parked.Id}", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, again.StatusCode);
    }

    private protected Task<ServiceApp> StartPublisherAsync(TestStore? store, RelayOptions? options = null, IStreamHearing? utility = null) => ServiceApp.StartAsync(
        args => SampleApp.Build(args, builder =>
        {
            builder.Services.Replace(ServiceDescriptor.Singleton(options ?? Eager));
            if (utility is not null)
            {
                builder.Services.Replace(ServiceDescriptor.Singleton(utility));
            }

            builder.AddHubLink(SampleApp.Identity);
        }),
        store,
        $"--Hub:Url={Hub.Url}",
        "--Hub:Token=hub-token",
        "--Logging:LogLevel:GridServices.Hosting=None");

    private protected static Task ChangeAsync(ServiceApp service, string id, string other, string table = "published_stream") => service.App.Services.GetRequiredService<Store>().WriteAsync(async tx =>
        Assert.Equal(1, await tx.Connection!.ExecuteAsync($"UPDATE {table} SET body = @changed WHERE body = @body", new { body = Word(id, 1).Body, changed = Word(other, 1).Body }, tx)));

    private protected static OutboxItem Word(string id, long revision, string stream = "PROG7", bool isWithdrawn = false) => new(
        "site-1",
        JsonSerializer.SerializeToUtf8Bytes(new { specversion = "1.0", id, subject = "tenants/default/sites/site-1", data = new { revision } }),
        new PublishedStream($"default|site-1|site|site-1|openadr|{stream}", revision, isWithdrawn));

    private protected static long ReadRevision(FakeHub.Event item) => JsonNode.Parse(item.Raw)!["data"]!["revision"]!.GetValue<long>();

    private protected sealed class Utility : IStreamHearing
    {
        internal bool IsHeard { get; set; }

        public string? WhyUnheard(SpokenStream stream) => IsHeard || stream.Stream.Key == "OTHER" ? null : "The VTN was not heard.";
    }
}
