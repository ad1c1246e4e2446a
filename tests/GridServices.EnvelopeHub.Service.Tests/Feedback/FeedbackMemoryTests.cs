using System.Globalization;
using System.Net;
using System.Text;
using GridServices.Contracts;
using GridServices.EnvelopeHub.Service;
using GridServices.Hosting.Storage;
using GridServices.Testing;

namespace GridServices.EnvelopeHub.Tests.Feedback;

/// <summary>What controllers' largest bodies cost the hub's process, all at once.</summary>
[Collection(Alone.Name)]
public sealed class FeedbackMemoryTests
{
    private const int Bodies = 16;

    [Fact]
    public async Task Sixteen_bodies_of_four_megabytes_at_once_take_bounded_memory_which_is_given_back()
    {
        if (!OperatingSystem.IsLinux())
        {
            SkipTest.Because("a process's memory is read from /proc");
        }

        await using var place = TestStores.Create(Dialect.Sqlite, typeof(EnvelopeHubApp).Assembly);
        await using var hub = HubProcess.Start(place, new TestTokens(place.Folder));
        await hub.UntilReadyAsync();
        using (var first = await hub.Controller.PostAsync("/v1/sites/site-1/telemetry", HubUnderTest.Json(Readings(10))))
        {
            Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        }

        var before = hub.Megabytes()!.Value;
        await DemandAsync(hub, "millions of tiny values", "[" + new StringBuilder().Insert(0, "0,", 1_990_000) + "0]", (before, 200), LimitCount);
        await DemandAsync(hub, "objects of tiny members", "[" + string.Join(',', Enumerable.Repeat("""{"a":0,"b":0,"c":0,"d":0}""", 145_000)) + "]", (before, 200), LimitCount);
        await DemandAsync(hub, "as many readings as there may be", Readings(10_000), (before, 440), answered => answered == HttpStatusCode.OK);
    }

    private static bool LimitCount(HttpStatusCode status) => (int)status == Problems.GetStatus(ErrorClass.LimitCount);

    private static async Task DemandAsync(HubProcess hub, string what, string body, (long Before, long Most) megabytes, Func<HttpStatusCode, bool> isRight)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        Assert.InRange(bytes.Length, 3_300_000, 4 * 1024 * 1024);
        hub.ForgetPeak();
        var answers = await Task.WhenAll(Enumerable.Range(0, Bodies).Select(async _ =>
        {
            using var answer = await hub.Controller.PostAsync("/v1/sites/site-1/telemetry", HubUnderTest.Content(bytes, "application/json"));
            return answer.StatusCode;
        }));

        // Those for which there is no room at the moment are asked to come again.
        Assert.All(answers, status => Assert.True(isRight(status) || (int)status == Problems.GetStatus(ErrorClass.Backpressure), $"{what}: {status}"));
        Assert.Contains(answers, status => isRight(status));
        var peak = hub.PeakMegabytes()!.Value - megabytes.Before;
        Assert.True(peak < megabytes.Most, $"{what}: {peak} MB more than before");
        var kept = await Until.HoldsAsync(() => Task.FromResult(hub.Megabytes()!.Value - megabytes.Before), more => more < 128);
        TestContext.Current.TestOutputHelper!.WriteLine($"{what}: {peak} MB at most, {kept} MB afterwards");
    }

    private static string Readings(int count) => "[" + string.Join(',', Enumerable.Range(0, count).Select(i => string.Create(
        CultureInfo.InvariantCulture,
        $$"""
        {"at":"2026-01-15T18:{{i / 60 % 60:00}}:{{i % 60:00}}.0000001Z","assetId":"{{new string('a', 50)}}-{{i:00000}}","netPowerW":-1234567890123,"reactivePowerVar":-1234567890123,"voltageV":230.123456789012,"energyImportWh":1234567890123456,"energyExportWh":1234567890123456,"socPercent":55.1234567890123,"frequencyHz":50.0123456789012,"headroomUpW":1234567890123456,"headroomDownW":1234567890123456,"manualOverride":false}
        """))) + "]";
}
