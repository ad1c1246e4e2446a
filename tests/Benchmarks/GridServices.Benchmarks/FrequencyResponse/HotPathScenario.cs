using System.Diagnostics;
using System.Globalization;

namespace GridServices.Benchmarks.FrequencyResponse;

/// <summary>
/// From a sample's arrival to the last set-point sent, at 50 samples a second. Options: <c>seconds=8 assets=10000</c>.
/// The driver shares the machine with what it measures.
/// </summary>
internal static class HotPathScenario
{
    private const int RateHz = 50;
    private const string Baseline =
        """
        Asked: 0 bytes per sample; 10,000 assets: evaluation p50 <= 0.1 ms, received to sent p50 <= 0.25 ms.
        Baseline (bare prototype, one aggregate datagram, 2 vCPU): 1k 99 us, 10k 247 us p50; with SCHED_FIFO 10k p50 185 p99 338 p99.9 544 max 1,043 us.
        """;

    public static async Task<int> RunAsync(string[] args)
    {
        int Number(string name, int otherwise) => args.FirstOrDefault(a => a.StartsWith(name + "=", StringComparison.Ordinal)) is { } given
            ? int.Parse(given[(name.Length + 1)..], CultureInfo.InvariantCulture)
            : otherwise;
        Console.WriteLine(Baseline);
        Console.WriteLine($"Machine: {Environment.ProcessorCount} cores, load {(await File.ReadAllTextAsync("/proc/loadavg")).Split(' ')[0]}");
        var seconds = Number("seconds", 8);
        foreach (var assets in Number("assets", 0) is > 0 and var one ? new[] { one } : [1_000, 10_000])
        {
            Evaluate(assets);
            await MeasureAsync(assets, 0, seconds);
            await MeasureAsync(assets, 50, seconds);
        }

        return 0;
    }

    /// <summary>The split alone, without socket or controller.</summary>
    private static void Evaluate(int assets)
    {
        using var rig = new HotPathRig(assets, 0);
        var setpoints = new int[assets];
        var plan = rig.Pool.Plan;
        var times = new double[2_000];
        for (var i = 0; i < times.Length; i++)
        {
            var from = Stopwatch.GetTimestamp();
            plan.Allocate(plan.BaseW + (assets * (i % 900)), setpoints);
            times[i] = Stopwatch.GetElapsedTime(from).TotalMicroseconds;
        }

        Report($"{assets,6:N0} assets, split alone", times.Skip(500).ToArray(), null);
    }

    private static async Task MeasureAsync(int assets, int priority, int seconds)
    {
        using var rig = new HotPathRig(assets, priority);
        var micros = new double[seconds * RateHz];
        await PaceAsync(rig, RateHz, null); // a second warms both sides up
        Drain(rig, null, 0);
        var (count, bytes) = await PaceAsync(rig, seconds * RateHz, micros);
        Report($"{assets,6:N0} assets, {rig.Priority}", micros.AsSpan(0, count).ToArray(), bytes / (double)(seconds * RateHz));
    }

    /// <summary>Sends at the rate from a thread of its own, which allocates nothing either.</summary>
    private static Task<(int Count, long Bytes)> PaceAsync(HotPathRig rig, int samples, double[]? into)
    {
        var done = new TaskCompletionSource<(int, long)>(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            using var never = new ManualResetEvent(false);
            var start = Stopwatch.GetTimestamp();
            var before = GC.GetTotalAllocatedBytes(precise: true);
            var count = 0;
            for (var i = 0; i < samples; i++)
            {
                rig.Send(50 + (0.15 * Math.Sin(i * 0.7)));
                var due = start + ((i + 1) * Stopwatch.Frequency / RateHz);
                var wait = (int)((due - Stopwatch.GetTimestamp()) * 1000 / Stopwatch.Frequency);
                never.WaitOne(Math.Max(0, wait));
                count = Drain(rig, into, count);
            }

            done.SetResult((count, GC.GetTotalAllocatedBytes(precise: true) - before));
        })
        { IsBackground = true, Name = "meter" }.Start();
        return done.Task;
    }

    private static int Drain(HotPathRig rig, double[]? into, int count)
    {
        while (rig.Pool.Ring.TryRead(out var record))
        {
            if (into is not null && count < into.Length && record is { HasSample: true, SentNanos: > 0 })
            {
                into[count++] = (record.SentNanos - record.Sample.ReceivedNanos) / 1e3;
            }
        }

        return count;
    }

    private static void Report(string what, double[] micros, double? bytes)
    {
        Array.Sort(micros);
        double At(double share) => micros.Length == 0 ? double.NaN : micros[Math.Min(micros.Length - 1, (int)(micros.Length * share))];
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{what,-64} n={micros.Length,5} p50 {At(0.5),8:F1} p99 {At(0.99),8:F1} p99.9 {At(0.999),8:F1} max {At(1),8:F1} us{(bytes is { } b ? $"  {b:F2} B/sample" : string.Empty)}"));
    }
}
