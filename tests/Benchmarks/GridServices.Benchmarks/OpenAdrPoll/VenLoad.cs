using System.Diagnostics;

namespace GridServices.Benchmarks.OpenAdrPoll;

/// <summary>The service as an operator runs it: idle, with 500 and with 2,000 VENs at a poll each 10 s, and with signed messages over TLS.</summary>
internal static class VenLoad
{
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(20);

    // A fleet at 10 s makes few calls a second: the runtime takes this long to compile what runs often.
    private static readonly TimeSpan FleetSettle = TimeSpan.FromSeconds(90);

    /// <summary>CPU of a service without VENs.</summary>
    public static async Task IdleAsync(Yardstick yardstick)
    {
        await using var rig = await PollRig.StartAsync();
        await Task.Delay(Settle);
        var (cpu, clock) = (rig.Cpu, Stopwatch.StartNew());
        await Task.Delay(TimeSpan.FromSeconds(30));
        var each = (rig.Cpu - cpu).TotalMilliseconds / clock.Elapsed.TotalSeconds;
        OpenAdrPollBenchmark.Say($"  no VEN: {each:0.0} ms CPU per second, {each / yardstick.CpuMs:0} x a bare poll; {rig.Memory}   [bar: 3 ms]");
    }

    /// <summary>All the CPU of the service over a minute, shared among its polls; memory; and how evenly the polls fall.</summary>
    public static async Task AtTenSecondsAsync(int vens, Yardstick yardstick)
    {
        await using var rig = await PollRig.StartAsync();
        var puts = await rig.EnrollAsync(vens, "PT10S");
        OpenAdrPollBenchmark.Say($"{vens,4} VENs: PUT p50 {puts[puts.Count / 2]:0.0} ms, {puts[puts.Count / 2] / yardstick.ClockMs:0.0} x a bare poll's time, p95 {puts[puts.Count * 95 / 100]:0.0} ms   [bar: 10 ms]");
        await Task.Delay(FleetSettle);
        var (polls, cpu) = (await rig.PollsAsync(), rig.Cpu);
        await Task.Delay(TimeSpan.FromMinutes(1));
        var used = (rig.Cpu - cpu).TotalMilliseconds / (await rig.PollsAsync() - polls);
        OpenAdrPollBenchmark.Say($"{vens,4} VENs at 10 s: {used:0.00} ms CPU per poll all in, {used / yardstick.CpuMs:0.0} x a bare poll; {rig.Memory}   [bars: 0.4 ms, 150 MiB with 500]");
        var seconds = await PollsPerSecondAsync(rig);
        OpenAdrPollBenchmark.Say($"{vens,4} VENs at 10 s: {seconds.Average():0} polls in a mean second, {seconds.Max():0} in the busiest, {seconds.Min():0} in the quietest   [bar: 3 x the mean]");
    }

    private static async Task<List<double>> PollsPerSecondAsync(PollRig rig)
    {
        var (seconds, clock, last, at) = (new List<double>(), Stopwatch.StartNew(), await rig.PollsAsync(), TimeSpan.Zero);
        while (clock.Elapsed < TimeSpan.FromMinutes(1))
        {
            await Task.Delay(TimeSpan.FromSeconds(1));
            var (now, count) = (clock.Elapsed, await rig.PollsAsync());
            seconds.Add((count - last) / (now - at).TotalSeconds);
            (last, at) = (count, now);
        }

        return seconds;
    }

    /// <summary>Signed both ways over TLS with client certificates, as fast as one VEN can.</summary>
    public static async Task SignedAsync(string algorithm, Yardstick yardstick)
    {
        await using var rig = await PollRig.StartAsync(algorithm);
        await rig.EnrollAsync(1, "PT0.001S");
        await Task.Delay(Settle);
        var (polls, cpu) = (await rig.PollsAsync(), rig.Cpu);
        await Task.Delay(Settle);
        var each = (rig.Cpu - cpu).TotalMilliseconds / (await rig.PollsAsync() - polls);
        OpenAdrPollBenchmark.Say($"   1 VEN, TLS, signed and verified, {algorithm}: {each:0.00} ms CPU per poll, {each / yardstick.CpuMs:0.0} x a bare poll   [bar: 5 ms]");
    }
}
