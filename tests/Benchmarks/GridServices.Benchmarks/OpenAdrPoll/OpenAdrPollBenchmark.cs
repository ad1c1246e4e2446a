using System.Diagnostics;
using System.Globalization;

namespace GridServices.Benchmarks.OpenAdrPoll;

/// <summary>
/// The OpenAdr service against the simulated VTN in a process of its own: CPU per empty poll (of the service's process alone) beside a bare poll of the same
/// run, fleets of 500 and 2,000 VENs, signed polls over TLS, and the time from an event's issue to its envelope at the hub.
/// </summary>
internal static class OpenAdrPollBenchmark
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(15);

    public static async Task<int> RunAsync(string[] args)
    {
        Console.WriteLine("OpenADR 2.0b over plain HTTP. Baseline: openleadr-python 0.5.34, measured beside ours on 2 shared cores:");
        Console.WriteLine("  0.38 ms CPU per poll (50 VENs without pause), 0.90 all in (500 VENs at 10 s), 70 MiB; event to handler p50 0.63 s, p95 0.91 s at 1 s poll; 59 MiB resident (1 VEN).");
        var yardstick = await YardstickAsync();
        Say($"Yardstick, a bare poll (HttpClient and XmlTextReader): {yardstick.CpuMs:0.000} ms CPU, {yardstick.ClockMs:0.00} ms by the clock");
        (string Name, Func<Task> Run)[] parts =
        [
            ("one", () => CpuAsync(vens: 1, "PT0.001S", yardstick)),
            ("busy", () => CpuAsync(vens: 50, "PT0.001S", yardstick)),
            ("idle", () => VenLoad.IdleAsync(yardstick)),
            ("500", () => VenLoad.AtTenSecondsAsync(500, yardstick)),
            ("2000", () => VenLoad.AtTenSecondsAsync(2_000, yardstick)),
            ("signed", () => VenLoad.SignedAsync("rsa", yardstick)),
            ("signed", () => VenLoad.SignedAsync("ec", yardstick)),
            ("latency", () => LatencyAsync(events: 20)),
        ];
        foreach (var (_, run) in parts.Where(p => args.Length == 0 || args.Contains(p.Name, StringComparer.Ordinal)))
        {
            await run();
        }

        Console.WriteLine("Bars: busy poll <= 0.1 ms CPU; event to envelope <= poll interval + 50 ms.");
        return 0;
    }

    private static async Task<Yardstick> YardstickAsync()
    {
        await using var rig = await PollRig.StartAsync();
        return await BarePolls.MeasureAsync(rig.Vtn, WarmUp);
    }

    /// <summary>Hot: each VEN polls as fast as the interval lets it; then one VEN at a poll a second, the same process warmed up.</summary>
    private static async Task CpuAsync(int vens, string pollInterval, Yardstick yardstick)
    {
        await using var rig = await PollRig.StartAsync();
        await rig.EnrollAsync(vens, pollInterval);
        await Task.Delay(WarmUp);
        await MeasureAsync(rig, $"{vens,4} VENs, poll interval {pollInterval}", yardstick);
        if (vens == 1)
        {
            await rig.EnrollAsync(vens, "PT1S");
            await Task.Delay(WarmUp);
            await MeasureAsync(rig, $"{vens,4} VENs, poll interval PT1S", yardstick);
        }
    }

    private static async Task MeasureAsync(PollRig rig, string what, Yardstick yardstick)
    {
        var (polls, cpu, clock) = (await rig.PollsAsync(), rig.Cpu, Stopwatch.StartNew());
        await Task.Delay(Window);
        var (count, used) = (await rig.PollsAsync() - polls, rig.Cpu - cpu);
        var rate = count / clock.Elapsed.TotalSeconds;
        Say($"{what}: {used.TotalMilliseconds / count:0.000} ms CPU per empty poll, {used.TotalMilliseconds / count / yardstick.CpuMs:0.0} x a bare poll ({rate:0} polls/s, {used / clock.Elapsed * 100:0.00} % of a core); {rig.Memory}");
    }

    private static async Task LatencyAsync(int events)
    {
        await using var rig = await PollRig.StartAsync();
        await rig.EnrollAsync(1, "PT1S");
        await Task.Delay(TimeSpan.FromSeconds(3));
        var times = new List<double>();
        for (var i = 0; i < events; i++)
        {
            times.Add((await rig.IssueAsync($"e{i}")).TotalMilliseconds);

            // Out of step with the polls.
            await Task.Delay(TimeSpan.FromMilliseconds(137 * (i % 7)));
        }

        times.Sort();
        Say($"event issued to envelope at the hub, poll interval 1 s: p50 {times[times.Count / 2]:0} ms, p95 {times[(int)(times.Count * 0.95)]:0} ms, max {times[^1]:0} ms ({events} events)");
    }

    internal static void Say(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
