using System.Globalization;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace GridServices.Benchmarks.EnvelopeMerge;

/// <summary>Runs the merge at 10, 100 and 1,000 streams and puts the time beside n log n, which it must follow.</summary>
internal static class MergeScaling
{
    /// <summary>From 100 to 1,000 streams the time per n log n may grow by caches and collections, not by another order.</summary>
    private const double MostGrowth = 3;

    public static Task<int> RunAsync(string[] args)
    {
        var job = Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance);
        var summary = BenchmarkRunner.Run<MergeBenchmark>(DefaultConfig.Instance.AddJob(job), args);
        var costs = summary.Reports.Where(r => r.ResultStatistics is not null).Select(r => (
            Streams: (int)r.BenchmarkCase.Parameters["Streams"],
            Nanoseconds: r.ResultStatistics!.Mean,
            Bytes: r.GcStats.GetBytesAllocatedPerOperation(r.BenchmarkCase) ?? 0)).ToList();
        foreach (var (streams, nanoseconds, bytes) in costs)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{streams,5} streams, {streams * MergeBenchmark.SegmentsPerStream,6} segments: {nanoseconds / 1e6,9:F3} ms, {bytes / 1024.0,9:F0} KiB, {PerStep(streams, nanoseconds):F1} ns per n log2 n"));
        }

        var holds = costs.Count == 3 && PerStep(costs[2].Streams, costs[2].Nanoseconds) <= MostGrowth * PerStep(costs[1].Streams, costs[1].Nanoseconds);
        Console.WriteLine(holds ? "Follows n log n." : "Does not follow n log n.");
        return Task.FromResult(holds ? 0 : 1);
    }

    private static double PerStep(int streams, double nanoseconds)
    {
        double n = streams * MergeBenchmark.SegmentsPerStream;
        return nanoseconds / (n * Math.Log2(n));
    }
}
