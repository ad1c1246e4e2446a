using System.Globalization;
using System.Net;
using GridServices.Contracts;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Storage;
using GridServices.Testing;
using Microsoft.Data.Sqlite;

namespace GridServices.EnvelopeHub.Tests.Publishing;

public sealed class PublishTests
{
    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task Each_item_of_a_batch_stands_for_itself(Dialect dialect)
    {
        await using var hub = await HubUnderTest.StartAsync(dialect);
        var first = Some.Envelope(stream: "A");
        var results = await hub.PublishAsync(first, Some.Envelope(stream: "B", tenant: "other"), "{}"u8.ToArray(), first, Some.Envelope(stream: "A", revision: 2), Some.Envelope(stream: "A"), Some.Prices());
        Assert.Equal(
            [PublishStatus.Accepted, PublishStatus.Rejected, PublishStatus.Rejected, PublishStatus.Duplicate, PublishStatus.Accepted, PublishStatus.Stale, PublishStatus.Accepted],
            results.Select(result => result.Status));
        Assert.Equal(["1", null, null, null, "2", null, "3"], results.Select(result => result.Sequence));
        Assert.Equal(Problems.TypePrefix + "AUTHZ_SITE", results[1].Problem!.Type);
    }

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task Everything_is_there_after_a_restart_and_the_sequence_goes_on(Dialect dialect)
    {
        await using var hub = await HubUnderTest.StartAsync(dialect);
        await hub.PublishAsync(Some.Envelope(stream: "A", watts: 1000), Some.Envelope(stream: "B"), Some.Withdrawal(stream: "B"), Some.Prices());
        var before = await LiveAsync(hub);

        await hub.RestartAsync();

        var after = await LiveAsync(hub);
        Assert.Equal((before.Epoch, before.Sequence), (after.Epoch, after.Sequence));
        Assert.Equal(1000, Assert.Single(after.Envelopes).Segments[0].Limits.ImportLimitW);
        Assert.Single(after.Withdrawn!);
        Assert.Single(after.Prices);
        var results = await hub.PublishAsync(Some.Envelope(stream: "B", revision: 1), Some.Envelope(stream: "A", revision: 2));
        Assert.Equal([PublishStatus.Stale, PublishStatus.Accepted], results.Select(result => result.Status));
        Assert.InRange(long.Parse(results[1].Sequence!, CultureInfo.InvariantCulture), 6, 6 + (1L << 30)); // a start leaves some out
    }

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task Many_publishers_at_once_get_a_gapless_sequence(Dialect dialect)
    {
        await using var hub = await HubUnderTest.StartAsync(dialect);
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(async publisher =>
        {
            var sequences = new List<string?>();
            for (var revision = 1; revision <= 10; revision++)
            {
                sequences.AddRange((await hub.PublishAsync(Some.Envelope(stream: $"S{publisher}", revision: revision))).Select(result => result.Sequence));
            }

            return sequences;
        }));
        Assert.Equal(
            Enumerable.Range(1, 200), answers.SelectMany(sequence => sequence).Select(sequence => int.Parse(sequence!, CultureInfo.InvariantCulture)).Order());
        Assert.All(answers, sequences => Assert.Equal(sequences.OrderBy(sequence => int.Parse(sequence!, CultureInfo.InvariantCulture)), sequences));
    }

    [Fact]
    public async Task A_second_hub_on_one_schema_says_nothing_of_limits_and_takes_over_with_all_of_them()
    {
        await using var hub = await HubUnderTest.StartAsync(Dialect.PostgreSql);
        await using var second = await hub.SecondNodeAsync();
        using var publisher = second.Client(hub.Tokens.Publisher);
        using var controller = second.Client(hub.Tokens.Controller);
        await hub.PublishAsync(Some.Envelope(watts: 1234));
        foreach (var path in new[] { "effective/now/importLimitW", "effective", "envelopes", "stream" })
        {
            using var answer = await controller.GetAsync($"/v1/sites/site-1/{path}");
            await HubUnderTest.DemandProblemAsync(answer, ErrorClass.Unavailable);
        }

        using (var refused = await publisher.PostAsync("/v1/envelopes", HubUnderTest.Batch(Some.Envelope(revision: 2))))
        {
            await HubUnderTest.DemandProblemAsync(refused, ErrorClass.Unavailable);
        }

        await hub.App.App.StopAsync();
        await Readiness.UntilAsync(controller, ready: true);
        Assert.Equal("1234", await controller.GetStringAsync("/v1/sites/site-1/effective/now/importLimitW"));
        using var taken = await publisher.PostAsync("/v1/envelopes", HubUnderTest.Batch(Some.Envelope(revision: 2)));
        Assert.InRange(long.Parse(Assert.Single((await HubUnderTest.ReadAsync<PublishAnswer>(taken)).Results).Sequence!, CultureInfo.InvariantCulture), 3, 3 + (1L << 30));
    }

    [Fact]
    public async Task A_single_rejected_event_answers_its_problem_and_carries_its_result()
    {
        await using var hub = await HubUnderTest.StartAsync();
        await hub.PublishAsync(Some.Envelope(watts: 1));
        using var client = hub.Publisher;
        using var answer = await client.PostAsync("/v1/envelopes", HubUnderTest.Content(Some.Envelope(watts: 2), CloudEventTypes.MediaType));
        await HubUnderTest.DemandProblemAsync(answer, ErrorClass.IdConflict);
        var carried = await HubUnderTest.ReadAsync<PublishAnswer>(answer);
        Assert.Equal(PublishStatus.Rejected, Assert.Single(carried.Results).Status);
    }

    [Fact]
    public async Task Two_tenants_with_the_same_site_id_never_meet()
    {
        await using var hub = await HubUnderTest.StartAsync();
        var other = await hub.App.AddTokenAsync("other", Role.Operator, tenant: "other");
        await hub.PublishAsync(Some.Envelope(watts: 1));
        using var client = hub.Client(other);
        using var answer = await client.PostAsync("/v1/envelopes", HubUnderTest.Content(Some.Envelope(watts: 2, tenant: "other"), CloudEventTypes.MediaType));
        Assert.Equal("1", Assert.Single((await HubUnderTest.ReadAsync<PublishAnswer>(answer)).Results).Sequence);
        Assert.Equal("2", await hub.ImportLimitAsync(other));
        Assert.Equal("1", await hub.ImportLimitAsync());
    }

    [Fact]
    public async Task Where_the_store_fails_nothing_is_shown_and_the_sequence_has_no_gap_afterwards()
    {
        await using var hub = await HubUnderTest.StartAsync();
        await hub.PublishAsync(Some.Envelope(watts: 1));
        await using var stream = await hub.SubscribeAsync();
        await stream.NextAsync("snapshot");

        Sql(hub, "CREATE TRIGGER broken BEFORE INSERT ON entry BEGIN SELECT RAISE(ABORT, 'broken'); END");
        using var client = hub.Publisher;
        using (var answer = await client.PostAsync("/v1/envelopes", HubUnderTest.Content(Some.Envelope(revision: 2, watts: 2), CloudEventTypes.MediaType)))
        {
            Assert.True((int)answer.StatusCode >= 500, answer.StatusCode.ToString());
        }

        Assert.Equal("1", (await LiveAsync(hub)).Sequence);
        Sql(hub, "DROP TRIGGER broken");
        Assert.Equal("2", Assert.Single(await hub.PublishAsync(Some.Envelope(revision: 2, watts: 3))).Sequence);
        var told = await stream.NextAsync("envelope");
        Assert.Equal(3, told.Read<CloudEvent<Envelope>>().Data.Segments[0].Limits.ImportLimitW);
        Assert.Equal(2, told.Sequence);
    }

    [Fact]
    public async Task A_body_beyond_16_MiB_is_refused()
    {
        await using var hub = await HubUnderTest.StartAsync();
        using var client = hub.Publisher;
        client.DefaultRequestHeaders.ExpectContinue = true;
        using var answer = await client.PostAsync("/v1/envelopes", HubUnderTest.Content(new byte[(16 * 1024 * 1024) + 1], CloudEventTypes.MediaType));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    private static void Sql(HubUnderTest hub, string sql)
    {
        using var db = new SqliteConnection($"Data Source={hub.DatabaseFile};Pooling=False");
        db.Open();
        using var command = db.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static async Task<SiteEnvelopes> LiveAsync(HubUnderTest hub)
    {
        using var client = hub.Controller;
        using var answer = await client.GetAsync("/v1/sites/site-1/envelopes");
        return await HubUnderTest.ReadAsync<SiteEnvelopes>(answer);
    }
}
