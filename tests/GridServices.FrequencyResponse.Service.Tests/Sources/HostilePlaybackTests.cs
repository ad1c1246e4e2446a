using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using GridServices.FrequencyResponse.Frames;
using GridServices.FrequencyResponse.Service.Tests.Rig;
using GridServices.Testing;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Tests.Sources;

/// <summary>Streams of the hostile collection whose fault lies in time, posted line by line at their own pace; CE-FCR answers every millihertz.</summary>
public sealed class HostilePlaybackTests
{
    private const int QuantityW = 50_000;
    private static readonly Instant Recorded = Instant.FromUtc(2027, 1, 15, 18, 0);

    /// <summary>All at once: each has a service and a meter of its own, and half a minute is what a frozen meter needs to be known as one.</summary>
    [Fact]
    public async Task Each_stream_ends_as_its_index_says()
    {
        await Task.WhenAll(
            Named("FQ-001", 100, Follows), Named("FQ-002", 250, Responds), Named("FQ-003", 100, LetsGo), Named("FQ-006", 200, r => Drops(r, "order", "duplicate")),
            Named("FQ-007", 200, r => Drops(r, "rocof")), Named("FQ-011", 330, r => Falls(r, "frozen")),
            Named("FQ-014", 200, r => Falls(r, "sourceTime")), Named("FQ-015", 200, r => Falls(r, "disagree")), Named("FQ-019", 200, DoesNotChatter));
    }

    private static async Task Named(string id, int most, Func<Played, Task> judge)
    {
        await using var rig = await StartAsync(two: id == "FQ-015");
        var played = await PlayAsync(rig, id, most);
        try
        {
            await judge(played);
        }
        catch (Exception e) when (e is Xunit.Sdk.IAssertionException or InvalidOperationException)
        {
            Assert.Fail($"{id}: {e.Message}; {await rig.StateAsync()}");
        }
    }

    /// <summary>Never below 49.98 Hz: a tenth of the quantity at most, and nothing was refused.</summary>
    private static Task Follows(Played run)
    {
        Assert.InRange(run.MostW, 1, QuantityW * 0.12);
        Assert.Empty(run.Faults);
        return Task.CompletedTask;
    }

    private static Task Responds(Played run)
    {
        Assert.Equal(QuantityW, run.LastW);
        Assert.Empty(run.Faults);
        return Task.CompletedTask;
    }

    /// <summary>The stream ends near 49.99 Hz: its response is not held for ever.</summary>
    private static async Task LetsGo(Played run)
    {
        Assert.NotEqual(0, run.LastW);
        await FrequencyRig.UntilAsync(() => run.Rig.StateAsync(), s => s["responseW"]!.GetValue<double>() == 0 && s["rung"]!.GetValue<string>() != "valid");
        await FrequencyRig.UntilAsync(() => run.Rig.Heard()?.Watts == 0);
    }

    /// <summary>Never below 49.98 Hz but for spikes: at most a tenth of the quantity.</summary>
    private static Task Drops(Played run, params string[] faults)
    {
        Assert.Contains(run.Faults, f => faults.Contains(f, StringComparer.Ordinal));
        Assert.InRange(run.MostW, 0, QuantityW * 0.11);
        return Task.CompletedTask;
    }

    private static async Task Falls(Played run, params string[] faults)
    {
        var state = await FrequencyRig.UntilAsync(() => run.Rig.StateAsync(), s => s["responseW"]!.GetValue<double>() == 0 && s["rung"]!.GetValue<string>() != "valid");
        Assert.True(faults.Any(n => run.Faults.Contains(n) || state.ToJsonString().Contains($"\"{n}\"", StringComparison.Ordinal)), "another fault");
        Assert.InRange(run.MostW, 0, QuantityW * 0.14);
    }

    /// <summary>Twenty seconds, or as long as this machine takes for them, around the edge of the 10 mHz dead band: no more than a set-point a refresh, which is a second.</summary>
    private static Task DoesNotChatter(Played run)
    {
        Assert.InRange(run.Decisions, 1, 10 + (long)run.Took.TotalSeconds);
        Assert.Empty(run.Faults);
        return Task.CompletedTask;
    }

    private static async Task<FrequencyRig> StartAsync(bool two)
    {
        var rig = await FrequencyRig.StartAsync();
        await rig.PutAsync("/v1/sources/pmu-1", JsonNode.Parse("""{ "kind": "http", "period": "PT0.1S" }""")!);
        await rig.PutAsync("/v1/sources/pmu-2", JsonNode.Parse("""{ "kind": "http", "period": "PT0.1S" }""")!);
        await rig.PutAsync("/v1/assets/bess-1", rig.Battery());
        var contract = FrequencyRig.Contract("CE-FCR", source: "pmu-1");
        contract["sources"] = two ? new JsonArray("pmu-1", "pmu-2") : new JsonArray("pmu-1");
        await rig.PutAsync("/v1/contracts/c1", contract);
        await rig.CommandsAsync();
        return rig;
    }

    private static async Task<Played> PlayAsync(FrequencyRig rig, string id, int most)
    {
        var lines = File.ReadLines(TestData.Path($"hostile/frequency/{id}-a.jsonl")).Take(most).ToList();
        var before = (await rig.StateAsync())["pool"]!["sequence"]!.GetValue<long>();
        var (shift, clock, step) = (Duration.Zero, Stopwatch.StartNew(), id == "FQ-015" ? 50 : 100);
        var (mostW, lastW) = (0, 0);
        var waiting = string.Empty;
        var standing = new HashSet<string>(StringComparer.Ordinal);
        var due = 0L;
        for (var i = 0; i < lines.Count; i++)
        {
            // A machine that was late goes on at the stream's pace: catching up would bring measurements closer together than a meter ever does.
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Max(0, due - clock.ElapsedMilliseconds)));
            due = Math.Max(due, clock.ElapsedMilliseconds) + step;

            // What a stamp is off its turn by belongs to the stream; what this machine is late by does not. A pair of meters has one turn.
            var turn = id == "FQ-015" ? i - (i % 2) : i;
            shift = turn == i ? SystemClock.Instance.GetCurrentInstant() - (Recorded + Duration.FromMilliseconds(turn * step)) : shift;
            var line = JsonNode.Parse(lines[i])!;
            var stamp = NodaTime.Text.InstantPattern.ExtendedIso.Parse(line["ts"]!.GetValue<string>()).Value + shift;
            line["ts"] = stamp.ToString("uuuu-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

            // Two meters that measure at one instant arrive together: on a busy machine neither is to outlive the other by the length of a request.
            waiting += line.ToJsonString() + "\n";
            if (id == "FQ-015" && i % 2 == 0)
            {
                continue;
            }

            var (status, answer) = await rig.SendAsync(HttpMethod.Post, "/v1/samples", waiting, media: "application/x-ndjson");
            waiting = string.Empty;
            Assert.True((int)status == 200, $"{id} line {i + 1}: {answer}");
            lastW = Last(rig, lastW);
            mostW = Math.Max(mostW, lastW);

            // A contradiction is no fault of a sample, and once the stream is over age is all that is left to see.
            if (id == "FQ-015" && i % 16 == 15)
            {
                standing.UnionWith((await rig.StateAsync())["faults"]!.AsArray().Select(f => f!.GetValue<string>()));
            }
        }

        lastW = await LastAsync(rig, lastW);
        var pool = (await rig.StateAsync())["pool"]!;
        var faults = pool["sampleFaults"]!.AsObject().Where(f => f.Value!.GetValue<long>() > 0).Select(f => f.Key).Union(standing, StringComparer.Ordinal).ToList();
        return new Played(rig, lastW, Math.Max(mostW, lastW), pool["sequence"]!.GetValue<long>() - before, faults, clock.Elapsed);
    }

    private static async Task<int> LastAsync(FrequencyRig rig, int watts)
    {
        await Task.Delay(100);
        return Last(rig, watts);
    }

    /// <summary>What was asked for want of a measurement is not the stream's: this machine may be later than a meter ever is.</summary>
    private static int Last(FrequencyRig rig, int watts) =>
        rig.AllHeard().Where(h => !h.Frame.Marks.HasFlag(SetpointMarks.FailSafe)).Select(h => h.Watts).LastOrDefault(watts);

    /// <param name="Rig">The service.</param>
    /// <param name="LastW">The set-point that the device heard last, W, + = injection.</param>
    /// <param name="MostW">The greatest.</param>
    /// <param name="Decisions">Set-points that were sent.</param>
    /// <param name="Faults">Of samples, by name.</param>
    /// <param name="Took">From the first sample to the count of decisions.</param>
    private sealed record Played(FrequencyRig Rig, int LastW, int MostW, long Decisions, IReadOnlyList<string> Faults, TimeSpan Took);
}
