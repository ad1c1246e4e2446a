using System.Globalization;
using System.Net;
using GridServices.Contracts;
using GridServices.Hosting.Storage;
using GridServices.Testing;

namespace GridServices.EnvelopeHub.Tests.Publishing;

/// <summary>On a file system that is really full, at the COMMIT.</summary>
public sealed class DiskFullTests
{
    [Fact]
    public async Task A_full_disk_refuses_publications_tells_why_and_takes_them_again_when_there_is_room()
    {
        using var disk = SmallDisk.Mount(megabytes: 6);
        await using var hub = await HubUnderTest.StartAsync(Dialect.Sqlite, $"--Storage:Path={disk.Folder}");
        using var publisher = hub.Publisher;
        var accepted = 0L;
        while (true)
        {
            using var answer = await PublishAsync(publisher, accepted + 1);
            if (answer.StatusCode != HttpStatusCode.OK)
            {
                await HubUnderTest.DemandProblemAsync(answer, ErrorClass.Unavailable);
                Assert.NotNull(answer.Headers.RetryAfter);
                break;
            }

            accepted++;
        }

        // It stays a refusal, however often it is tried, and what was accepted is served.
        for (var again = 0; again < 5; again++)
        {
            using var refused = await PublishAsync(publisher, accepted + 1);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        }

        Assert.Contains("the disk is full", Assert.Single(await Readiness.UntilAsync(publisher, ready: false)).Detail, StringComparison.Ordinal);
        await Readiness.DemandLiveAsync(publisher);
        Assert.Equal(accepted.ToString(CultureInfo.InvariantCulture), await LimitAsync(hub));

        disk.Grow(megabytes: 32);
        await Readiness.UntilAsync(publisher, ready: true);
        using (var taken = await PublishAsync(publisher, accepted + 1))
        {
            Assert.Equal(HttpStatusCode.OK, taken.StatusCode);
            var result = Assert.Single((await HubUnderTest.ReadAsync<PublishAnswer>(taken)).Results);
            Assert.Equal((PublishStatus.Accepted, (accepted + 1).ToString(CultureInfo.InvariantCulture)), (result.Status, result.Sequence));
        }

        await hub.RestartAsync();
        Assert.Equal((accepted + 1).ToString(CultureInfo.InvariantCulture), await LimitAsync(hub));
    }

    private static Task<HttpResponseMessage> PublishAsync(HttpClient publisher, long revision) => publisher.PostAsync(
        "/v1/envelopes", HubUnderTest.Content(Some.Envelope(revision: revision, watts: revision), CloudEventTypes.MediaType));

    private static Task<string> LimitAsync(HubUnderTest hub) => hub.ImportLimitAsync();
}
