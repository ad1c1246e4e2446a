using System.Net;
using GridServices.Contracts;
using NodaTime;

namespace GridServices.EnvelopeHub.Tests.Publishing;

/// <summary>Publications and readings that are legal JSON and would do harm later.</summary>
public sealed class StrangePublicationTests
{
    [Fact]
    public async Task One_envelope_id_belongs_to_one_stream()
    {
        await using var hub = await HubUnderTest.StartAsync();
        var id = Guid.CreateVersion7();
        var results = await hub.PublishAsync(Some.Envelope(stream: "A", id: id), Some.Envelope(stream: "B", id: id), Some.Envelope(stream: "A", revision: 2, id: id));
        Assert.Equal([PublishStatus.Accepted, PublishStatus.Rejected, PublishStatus.Accepted], results.Select(r => r.Status));
        Assert.EndsWith(Problems.GetName(ErrorClass.DuplicateId), results[1].Problem!.Type, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_revision_near_the_largest_number_does_not_block_its_stream()
    {
        await using var hub = await HubUnderTest.StartAsync();
        var results = await hub.PublishAsync(
            Some.Envelope(revision: 1L << 53), Some.Envelope(revision: 1_900_000_000_000), Some.Envelope(revision: 1L << 52), Some.Envelope(revision: (1L << 52) + 1));
        Assert.Equal([PublishStatus.Rejected, PublishStatus.Accepted, PublishStatus.Accepted, PublishStatus.Accepted], results.Select(r => r.Status));
        Assert.Equal("/data/revision", results[0].Problem!.Pointer);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(365 * 70)]
    public async Task A_reading_that_cannot_have_been_taken_yet_is_rejected(int daysAhead)
    {
        await using var hub = await HubUnderTest.StartAsync();
        using var client = hub.Controller;
        var late = new Reading { At = SystemClock.Instance.GetCurrentInstant() + Duration.FromDays(daysAhead), NetPowerW = 1 };
        using var answer = await client.PostAsync("/v1/sites/site-1/telemetry", HubUnderTest.Json(late));
        Assert.Equal("/at", (await HubUnderTest.DemandProblemAsync(answer, ErrorClass.Plausibility)).Pointer);
    }

    [Theory]
    [InlineData("/v1/sites/site-1/telemetry", """{"at":"2026-01-15T18:00:00Z","netPowerW":1,"netPower":2}""", "netPower", "netPowerW")]
    [InlineData("/v1/sites/site-1/receipts", """{"envelopeId":"0190a000-0000-7000-8000-007090709584","revision":1,"state":"started","at":"2026-01-15T18:00:00Z","deficitw":2}""", "deficitw", "deficitW")]
    [InlineData("/v1/upstream-health", """{"source":"/s","validFor":"PT1M","streams":[],"stream":[]}""", "stream", "streams")]
    [InlineData("/v1/upstream-health", """{"source":"/s","validFor":"PT1M","streams":[{"stream":{"service":"a","key":"b"},"sites":["site-2"],"status":"ok","since":"2026-01-15T18:00:00Z","detials":""}]}""", "detials", "detail")]
    [InlineData("/v1/publishers", """{"source":"/s","restatedepoch":"a"}""", "restatedepoch", "restatedEpoch")]
    public async Task A_misspelt_member_is_refused_with_the_nearest_word(string path, string body, string wrong, string right)
    {
        await using var hub = await HubUnderTest.StartAsync();
        using var client = hub.Client(hub.Tokens.Operator);
        using var answer = await client.PostAsync(path, HubUnderTest.Json(body));
        var problem = await HubUnderTest.DemandProblemAsync(answer, ErrorClass.SchemaInvalid);
        Assert.EndsWith("/" + wrong, problem.Pointer, StringComparison.Ordinal);
        Assert.Contains($"did you mean {right}", problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_site_that_nobody_published_for_is_not_one_without_limits()
    {
        await using var hub = await HubUnderTest.StartAsync();
        await hub.PublishAsync(Some.Envelope());
        using var client = hub.Controller;
        foreach (var path in new[] { "/v1/sites/site-l/effective", "/v1/sites/site-l/effective/now/importLimitW" })
        {
            using var answer = await client.GetAsync(path);
            Assert.Contains("not the same as no limit", (await HubUnderTest.DemandProblemAsync(answer, ErrorClass.NotFound)).Detail, StringComparison.Ordinal);
        }

        using var known = await client.GetAsync("/v1/sites/site-1/effective/now/exportLimitW");
        Assert.Equal((HttpStatusCode.OK, string.Empty), (known.StatusCode, await known.Content.ReadAsStringAsync()));
    }
}
