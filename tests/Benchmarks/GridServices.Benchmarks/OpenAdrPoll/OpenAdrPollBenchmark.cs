using System.Diagnostics;
using System.Globalization;

namespace GridServices.Benchmarks.OpenAdrPoll;

/// <summary>
/// The OpenAdr service against the simulated VTN in a process of its own, over plain HTTP: CPU per empty poll (of the service's process alone),
/// resident memory with 500 VENs, and the time from an event's issue to its envelope at the hub.
/// </summary>
internal static class OpenAdrPollBenchmark
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(15);

    public static async Task<int> RunAsync(string[] args)
    {
        Console.WriteLine("OpenADR 2.0b over plain HTTP. Baseline: openleadr-python 0.5.34, measured on 2 shared cores:");
        Console.WriteLine("  0.80 ms CPU per poll (1 VEN), 0.92 (50 VENs); event to handler p50 0.63 s, p95 0.91 s at 1 s poll; 59 MiB resident (1 VEN).");
        await CpuAsync(vens: 1, "PT0.001S");
        await CpuAsync(vens: 50, "PT0.05S");
        await MemoryAsync(vens: 500);
        await LatencyAsync(events: 20);
        Console.WriteLine("Bars: <= 0.3 ms CPU per empty poll; event to envelope <= poll interval + 50 ms; 500 VENs <= 150 MiB.");
        return 0;
    }

    /// <summary>Hot: each VEN polls as fast as the interval lets it; then one VEN at a poll a second, the same process warmed up.</summary>
    private static async Task CpuAsync(int vens, string pollInterval)
    {
        await using var rig = await PollRig.StartAsync();
        await rig.EnrollAsync(vens, pollInterval);
        await Task.Delay(WarmUp);
        await MeasureAsync(rig, $"{vens,3} VENs, poll interval {pollInterval}");
        if (vens == 1)
        {
            await rig.EnrollAsync(vens, "PT1S");
            await Task.Delay(WarmUp);
            await MeasureAsync(rig, $"{vens,3} VENs, poll interval PT1S");
        }
    }

    private static async Task MeasureAsync(PollRig rig, string what)
    {
        var (polls, cpu, clock) = (await rig.PollsAsync(), rig.Cpu, Stopwatch.StartNew());
        await Task.Delay(Window);
        var (count, used) = (await rig.PollsAsync() - polls, rig.Cpu - cpu);
        var rate = count / clock.Elapsed.TotalSeconds;
        Say($"{what}: {used.TotalMilliseconds / count:0.000} ms CPU per empty poll ({rate:0} polls/s, {used / clock.Elapsed * 100:0.00} % of a core); {rig.Memory}");
    }

    private static async Task MemoryAsync(int vens)
    {
        await using var rig = await PollRig.StartAsync();
        var clock = Stopwatch.StartNew();
        await rig.EnrollAsync(vens, "PT10S");
        Say($"{vens,3} VENs: put and registered in {clock.Elapsed.TotalSeconds:0.0} s");
        await Task.Delay(TimeSpan.FromSeconds(15));
        var (polls, cpu) = (await rig.PollsAsync(), rig.Cpu);
        await Task.Delay(Window);
        Say($"{vens,3} VENs at a 10 s poll: {rig.Memory}, {(rig.Cpu - cpu) / Window * 100:0.0} % of a core ({await rig.PollsAsync() - polls} polls)");
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

    private static void Say(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
