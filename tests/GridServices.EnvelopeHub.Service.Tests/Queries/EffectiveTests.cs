using System.Net;
using GridServices.Contracts;

namespace GridServices.EnvelopeHub.Tests.Queries;

public sealed class EffectiveTests
{
    [Fact]
    public async Task The_tightest_stream_binds_and_the_next_is_named()
    {
        await using var hub = await HubUnderTest.StartAsync();
        await hub.PublishAsync(Some.Envelope(stream: "A", watts: 5000), Some.Envelope(stream: "B", watts: 3000));
        using var client = hub.Controller;
        using var answer = await client.GetAsync("/v1/sites/site-1/effective?from=2027-01-15T18:00:00Z&until=2027-01-15T19:00:00Z");
        var limit = (await HubUnderTest.ReadAsync<EffectiveTimeline>(answer)).Targets[0].Segments[0].Limits.ImportLimitW!;
        Assert.Equal((3000, "B", 5000L), (limit.Value, limit.BoundBy.Key, limit.Next!.Value));
    }

    [Fact]
    public async Task The_answer_is_not_repeated_while_nothing_changed()
    {
        await using var hub = await HubUnderTest.StartAsync();
        await hub.PublishAsync(Some.Envelope());
        using var client = hub.Controller;
        const string path = "/v1/sites/site-1/effective?from=2027-01-15T18:00:00Z&until=2027-01-15T19:00:00Z";
        using var first = await client.GetAsync(path);
        client.DefaultRequestHeaders.IfNoneMatch.Add(first.Headers.ETag!);
        using (var again = await client.GetAsync(path))
        {
            Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
            Assert.Empty(await again.Content.ReadAsByteArrayAsync());
        }

        using (var other = await client.GetAsync(path.Replace("19:00", "20:00", StringComparison.Ordinal)))
        {
            Assert.Equal(HttpStatusCode.OK, other.StatusCode);
        }

        await hub.PublishAsync(Some.Envelope(revision: 2));
        using var changed = await client.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
    }

    [Theory]
    [InlineData("from=2027-01-15T18:00:00Z&until=2027-01-15T18:00:00Z", ErrorClass.SemanticTime)]
    [InlineData("from=yesterday", ErrorClass.SemanticTime)]
    [InlineData("from=2027-01-15T18:00:00Z&until=2027-12-15T18:00:00Z", ErrorClass.SemanticWindow)]
    public async Task A_senseless_window_is_refused(string query, ErrorClass expected)
    {
        await using var hub = await HubUnderTest.StartAsync();
        using var client = hub.Controller;
        using var answer = await client.GetAsync("/v1/sites/site-1/effective?" + query);
        await HubUnderTest.DemandProblemAsync(answer, expected);
    }

    [Fact]
    public async Task One_quantity_is_plain_text_and_empty_where_nothing_is_stated()
    {
        await using var hub = await HubUnderTest.StartAsync();
        await hub.PublishAsync(Some.Envelope(watts: 0));
        using var client = hub.Controller;
        Assert.Equal("0", await hub.ImportLimitAsync());
        Assert.Equal("true", await client.GetStringAsync("/v1/sites/site-1/effective/now/connect"));
        using var nothing = await client.GetAsync("/v1/sites/site-1/effective/now/exportLimitW");
        Assert.Equal((HttpStatusCode.OK, "text/plain", ""), (nothing.StatusCode, nothing.Content.Headers.ContentType?.MediaType, await nothing.Content.ReadAsStringAsync()));
        using var unknown = await client.GetAsync("/v1/sites/site-1/effective/now/power");
        Assert.Contains("importLimitW", (await HubUnderTest.DemandProblemAsync(unknown, ErrorClass.NotFound)).Detail, StringComparison.Ordinal);
    }
}
