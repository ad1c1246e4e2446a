using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Dapper;
using GridServices.Contracts;
using GridServices.EnvelopeHub.Service;
using GridServices.Hosting;
using GridServices.Hosting.Hub;
using GridServices.Hosting.Storage;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Provisioning;
using GridServices.Testing;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace GridServices.Operations.Service.Tests.Provisioning;

/// <summary>No utility corrects a connection's limit: where the hub holds another one than a store that was put back, a person decides.</summary>
public sealed class UnconfirmedConnectionTests
{
    [Fact]
    public async Task Where_the_hub_holds_another_limit_the_site_says_so_and_ours_is_stated_only_once_a_person_confirms_it_or_changes_the_connection()
    {
        await using var service = await OperationsUnderTest.StartAsync(null, null, "--Hub:Url=http://127.0.0.1:9", "--Hub:Token=x");
        var customer = await service.CustomerAsync();
        var id = await service.SiteAsync(customer);
        Assert.Equal([1L], await RevisionsAsync(service));
        await SaveAsync(service, id, customer);
        Assert.Equal([1L], await RevisionsAsync(service));
        Assert.DoesNotContain("connection.unconfirmed", await OverviewAsync(service, id), StringComparison.Ordinal);

        // As the relay leaves it where the hub holds another word than a store alone knows.
        await ParkAsync(service);
        Assert.Contains("connection.unconfirmed", await OverviewAsync(service, id), StringComparison.Ordinal);

        // An import that says the same again, and a person who corrects a name, have not looked at the connection.
        await SaveAsync(service, id, customer);
        await SaveAsync(service, id, customer, "Depot site-1", "Depot West");
        Assert.Equal([1L], await RevisionsAsync(service));
        Assert.Contains("connection.unconfirmed", await OverviewAsync(service, id), StringComparison.Ordinal);

        await service.PostAsync($"/v1/sites/{id}/connection-limit/confirm", null, HttpStatusCode.OK, "confirmed");
        Assert.Equal([1L, 2L], await RevisionsAsync(service));
        Assert.DoesNotContain("connection.unconfirmed", await OverviewAsync(service, id), StringComparison.Ordinal);

        await ParkAsync(service);
        Assert.Contains("connection.unconfirmed", await OverviewAsync(service, id), StringComparison.Ordinal);
        await SaveAsync(service, id, customer, "80000", "60000");
        Assert.Equal([1L, 2L, 3L], await RevisionsAsync(service));
        Assert.DoesNotContain("connection.unconfirmed", await OverviewAsync(service, id), StringComparison.Ordinal);
    }

    /// <summary>
    /// Both stores hold one word that was not sent before the restart, at revision 2, and the hub another one at revision 9, of a time that both stores have lost:
    /// <code>
    /// site-1: hub 30 kW ── here 63 kW ── restart: the person's word, sent
    /// site-2: here 100 kW ── hub 43 kW ── restart: yesterday's word, never sent by itself
    /// </code>
    /// </summary>
    [Theory, ClassData(typeof(BothDatabases))]
    public async Task A_word_that_was_not_sent_before_a_restart_goes_above_the_hubs_where_it_was_said_later_and_only_there(Dialect dialect)
    {
        await using var place = TestStores.Create(dialect);
        await using var hub = await ServiceApp.StartAsync(EnvelopeHubApp.Build);
        string[] atHub = [$"--Hub:Url={hub.Address}", $"--Hub:Token={hub.Tokens.Publisher}", $"--Services:EnvelopeHub:Url={hub.Address}", $"--Services:EnvelopeHub:Token={hub.Tokens.Operator}"];
        string customer, first, second;
        await using (var before = await OperationsUnderTest.StartAsync(place, null, atHub))
        {
            customer = await before.CustomerAsync();
            (first, second) = (await before.SiteAsync(customer), await before.SiteAsync(customer, "site-2"));
            await before.RestatedAsync();
        }

        await using (var cutOff = await OperationsUnderTest.StartAsync(place, null, "--Hub:Url=http://127.0.0.1:9", "--Hub:Token=x"))
        {
            await SaveAsync(cutOff, second, customer, "site-1", "site-2", importW: 100_000);
            await NextMillisecondAsync();
            await LaterStateSaysAsync(cutOff, hub, "site-1", 30_000);
            await LaterStateSaysAsync(cutOff, hub, "site-2", 43_000);
            await NextMillisecondAsync();
            await SaveAsync(cutOff, first, customer, importW: 63_000);
        }

        // The job has its turn each minute: until it is to, it gets no answer from the hub.
        await using var line = FaultProxy.To(hub.Address.Port);
        line.Fault = LineFault.Status(503);
        await using var service = await OperationsUnderTest.StartAsync(place, null, [.. atHub, $"--Services:EnvelopeHub:Url=http://127.0.0.1:{line.Port}"]);
        await Until.HoldsAsync(() => StoredAsync(service), stored => stored.Waiting == 2);
        Assert.Equal(((30_000L, 9L), (43_000L, 9L)), (await HeldAsync(hub, "site-1"), await HeldAsync(hub, "site-2")));

        // As the job does each minute, and again; never beside one by the plan.
        line.Fault = LineFault.None;
        var jobs = service.Service.App.Services.GetRequiredService<JobRunner>();
        await Until.HoldsAsync(
            async () =>
            {
                await jobs.RunAsync(WaitingLimitsJob.Name, TestContext.Current.CancellationToken);
                return await StoredAsync(service);
            },
            stored => stored == (Waiting: 1, All: 1));
        Assert.Equal(((63_000L, 10L), (43_000L, 9L)), (await HeldAsync(hub, "site-1"), await HeldAsync(hub, "site-2")));
        var settled = await OverviewAsync(service, first);
        Assert.DoesNotContain("connection.otherAtHub", settled, StringComparison.Ordinal);
        Assert.DoesNotContain("connection.unconfirmed", settled, StringComparison.Ordinal);
        Assert.Contains("connection.otherAtHub", await OverviewAsync(service, second), StringComparison.Ordinal);
    }

    private static Task<(long Waiting, long All)> StoredAsync(OperationsUnderTest service) =>
        GetStore(service).ReadAsync(db => db.QuerySingleAsync<(long, long)>("SELECT COALESCE(SUM(CASE WHEN waits = 1 THEN 1 ELSE 0 END), 0), COUNT(*) FROM outbox"));

    /// <summary>The ids of what is said before and after bear different times.</summary>
    private static Task NextMillisecondAsync()
    {
        var now = SystemClock.Instance.GetCurrentInstant().ToUnixTimeMilliseconds();
        return Until.HoldsAsync(() => SystemClock.Instance.GetCurrentInstant().ToUnixTimeMilliseconds() > now);
    }

    /// <summary>What this service said, and remembers no more: the connection's word as it is stored, of now and with another limit.</summary>
    private static async Task LaterStateSaysAsync(OperationsUnderTest service, ServiceApp hub, string siteId, long importW)
    {
        var body = await GetStore(service).ReadAsync(db => db.QuerySingleAsync<byte[]>("SELECT body FROM published_stream WHERE site_id = @siteId", new { siteId }));
        var said = ((EnvelopePublished)EnvelopeReader.ReadPublication(body).Items.Single().Value!).Envelope;
        var limits = said.Default!.Limits with { ImportLimitW = importW };
        var now = SystemClock.Instance.GetCurrentInstant();
        var later = said with { EnvelopeId = Guid.CreateVersion7(now.ToDateTimeOffset()), Revision = 9, Default = new DefaultLimits { Limits = limits }, Segments = [said.Segments[0] with { Limits = limits }] };
        var item = service.Service.App.Services.GetRequiredService<PublisherName>().Item("default", later, now);
        using var http = hub.Client(hub.Tokens.Publisher);
        using var content = new ByteArrayContent([.. "["u8, .. item.Body, .. "]"u8]);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(CloudEventTypes.BatchMediaType);
        using var answer = await http.PostAsync(new Uri("/v1/envelopes", UriKind.Relative), content, TestContext.Current.CancellationToken);
        Assert.Contains("accepted", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    private static async Task<(long? ImportW, long Revision)> HeldAsync(ServiceApp hub, string siteId)
    {
        using var http = hub.Client(hub.Tokens.Operator);
        var answer = await http.GetStringAsync(new Uri($"/v1/sites/{siteId}/envelopes", UriKind.Relative), TestContext.Current.CancellationToken);
        var held = ConnectionAtHub.Find(JsonSerializer.Deserialize<SiteEnvelopes>(answer, ContractJson.Options)!)!;
        return (held.Default!.Limits.ImportLimitW, held.Revision);
    }

    private static Task<int> ParkAsync(OperationsUnderTest service) =>
        GetStore(service).WriteAsync(tx => tx.Connection!.ExecuteAsync("UPDATE outbox SET parked_at = added_at, problem = 'null', waits = 1", transaction: tx));

    private static Store GetStore(OperationsUnderTest service) => service.Service.App.Services.GetRequiredService<Store>();

    private static async Task<IEnumerable<long>> RevisionsAsync(OperationsUnderTest service) =>
        await GetStore(service).ReadAsync(db => db.QueryAsync<long>("SELECT revision FROM outbox WHERE stream LIKE '%|operations|connection' ORDER BY id"));

    private static async Task SaveAsync(OperationsUnderTest service, string id, string customer, string text = "site-1", string instead = "site-1", long importW = 80_000) =>
        await service.PutAsync($"/v1/sites/{id}", OperationsUnderTest.SiteJson(customer).Replace("80000", $"{importW}", StringComparison.Ordinal).Replace(text, instead, StringComparison.Ordinal));

    private static async Task<string> OverviewAsync(OperationsUnderTest service, string id) => (await service.GetAsync($"/v1/sites/{id}/overview"))["connection"]!.ToJsonString();
}
