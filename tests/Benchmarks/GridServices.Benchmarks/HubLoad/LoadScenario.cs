using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace GridServices.Benchmarks.HubLoad;

/// <summary>Measures the hub as its users meet it: real processes, loopback sockets, publish and subscribe by HTTP.</summary>
internal static class LoadScenario
{
    private const string Baseline =
        """
        Baseline: raw hand-written SSE, in-process publish, nothing stored (2 vCPU Xeon 2.5 GHz, ~600-byte JSON):
          1,000 streams at 500 msg/s p50 0.09 p99 1.2 p99.9 3.5 ms; one event to each of 10,000 drained in 324 ms; RSS 192 MB at 1,000, 600-840 MB after 10,000.
        Ours is publish to subscriber: request, validation, group commit with fsync, fan-out; measured from the moment the event was due.
        """;

    /// <param name="args">Numbers <c>sites=1000 rate=500 seconds=10 fleet=10000 rounds=3</c>; anything beginning with <c>--</c> goes to the hub.</param>
    public static async Task<int> RunAsync(string[] args)
    {
        int Number(string name, int otherwise) => args.FirstOrDefault(arg => arg.StartsWith(name + "=", StringComparison.Ordinal)) is { } given
            ? int.Parse(given[(name.Length + 1)..], CultureInfo.InvariantCulture)
            : otherwise;
        Console.WriteLine(Baseline);
        var load = (await File.ReadAllTextAsync("/proc/loadavg")).Split(' ')[0];
        Console.WriteLine($"Machine: {Environment.ProcessorCount} cores, load {load} at the start; the driver runs on the same cores.");
        await using var hub = await HubProcess.StartAsync([.. args.Where(arg => arg.StartsWith("--", StringComparison.Ordinal))]);
        Console.WriteLine($"hub started: {hub.ResidentMiB:0} MiB resident");
        await PacedAsync(hub, Number("sites", 1000), Number("rate", 500), Number("seconds", 10));
        await FleetAsync(hub, Number("fleet", 10_000), Number("rounds", 3));
        foreach (var line in await hub.MetricsAsync("hub_"))
        {
            if (!line.Contains("_bucket", StringComparison.Ordinal))
            {
                Console.WriteLine("  " + line);
            }
        }

        return 0;
    }

    private static async Task PacedAsync(HubProcess hub, int sites, int rate, int seconds)
    {
        var latencies = new ConcurrentQueue<long>();
        var subscribers = await SubscribeAsync(hub, "paced", sites, latencies);
        using var publisher = LoadEvents.Publisher(hub);

        // The first second warms both sides up and isn't counted.
        await PublishAsync(publisher, sites, rate, 1, revision: 1);
        await Task.Delay(500);
        latencies.Clear();
        var cpu = hub.Cpu;
        await PublishAsync(publisher, sites, rate, seconds, revision: 1000);
        await Task.Delay(1000);
        Report($"{sites:N0} streams at {rate} msg/s, {seconds} s, publish to subscriber", latencies, rate * seconds);
        foreach (var line in await hub.MetricsAsync("hub_fanout_duration_seconds_bucket"))
        {
            Console.WriteLine("  commit to socket, cumulative: " + line["hub_fanout_duration_seconds_bucket".Length..]);
        }

        Console.WriteLine($"  {(hub.Cpu - cpu).TotalMilliseconds / (rate * seconds):0.000} ms of the hub's CPU per event; {hub.ResidentMiB:0} MiB resident");
        Drop(subscribers);
    }

    private static async Task PublishAsync(HttpClient publisher, int sites, int rate, int seconds, long revision)
    {
        var start = SseSocket.NowMicroseconds;
        var pending = new List<Task>();
        for (var n = 0; n < rate * seconds; n++)
        {
            // Open loop: an event is due when it is due, however long the others take.
            var due = start + (n * 1_000_000L / rate);
            while (SseSocket.NowMicroseconds is var now && now < due)
            {
                await Task.Delay(TimeSpan.FromMicroseconds(Math.Max(1000, due - now)));
            }

            pending.Add(PostAsync(publisher, LoadEvents.Create($"paced-{n % sites}", revision + (n / sites), due), batch: false));
        }

        await Task.WhenAll(pending);
    }

    private static async Task FleetAsync(HubProcess hub, int sites, int rounds)
    {
        var latencies = new ConcurrentQueue<long>();
        var started = Stopwatch.GetTimestamp();
        var subscribers = await SubscribeAsync(hub, "fleet", sites, latencies);
        Console.WriteLine($"{sites:N0} new subscribers have their snapshot after {Stopwatch.GetElapsedTime(started).TotalSeconds:0.00} s; {hub.ResidentMiB:0} MiB resident");
        using var publisher = LoadEvents.Publisher(hub);
        for (var round = 1; round <= rounds; round++)
        {
            latencies.Clear();
            var cpu = hub.Cpu;
            started = Stopwatch.GetTimestamp();
            await PostBatchAsync(publisher, sites, round);
            var answered = Stopwatch.GetElapsedTime(started);
            await UntilAsync(() => latencies.Count >= sites);
            Console.WriteLine($"one event to each of {sites:N0}, one batch: stored and answered after {answered.TotalMilliseconds:0} ms, drained after {Stopwatch.GetElapsedTime(started).TotalMilliseconds:0} ms, {(hub.Cpu - cpu).TotalMilliseconds:0} ms of the hub's CPU");
            await Task.Delay(2000);
        }

        Report($"one event to each of {sites:N0}, last round", latencies, sites);
        Console.WriteLine($"  {hub.ResidentMiB:0} MiB resident");
        await ResumeAsync(hub, subscribers, publisher, latencies, rounds + 1);
        Drop(subscribers);
    }

    private static async Task ResumeAsync(HubProcess hub, IReadOnlyList<SseSocket> subscribers, HttpClient publisher, ConcurrentQueue<long> latencies, int revision)
    {
        Drop(subscribers);
        await Task.Delay(1000);
        await PostBatchAsync(publisher, subscribers.Count, revision);
        latencies.Clear();
        var cpu = hub.Cpu;
        var started = Stopwatch.GetTimestamp();
        await ConnectAsync(hub, subscribers);
        await UntilAsync(() => latencies.Count >= subscribers.Count);
        Console.WriteLine($"{subscribers.Count:N0} dropped clients resumed, each with the event it missed, after {Stopwatch.GetElapsedTime(started).TotalSeconds:0.00} s, {(hub.Cpu - cpu).TotalSeconds:0.00} s of the hub's CPU; {hub.ResidentMiB:0} MiB resident");
        if (subscribers.Any(subscriber => subscriber.Sequence != revision))
        {
            throw new InvalidOperationException("A client missed an event.");
        }
    }

    private static Task PostBatchAsync(HttpClient publisher, int sites, long revision)
    {
        var now = SseSocket.NowMicroseconds;
        return PostAsync(publisher, "[" + string.Join(",", Enumerable.Range(0, sites).Select(n => LoadEvents.Create($"fleet-{n}", revision, now))) + "]", batch: true);
    }

    private static async Task PostAsync(HttpClient publisher, string json, bool batch)
    {
        using var answer = await publisher.PostAsync(new Uri("/v1/envelopes", UriKind.Relative), LoadEvents.Content(json, batch));
        var body = await answer.Content.ReadAsStringAsync();
        if (!answer.IsSuccessStatusCode || body.Contains("rejected", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"{answer.StatusCode} {body[..Math.Min(500, body.Length)]}");
        }
    }

    private static async Task<IReadOnlyList<SseSocket>> SubscribeAsync(HubProcess hub, string prefix, int sites, ConcurrentQueue<long> latencies)
    {
        SseSocket[] subscribers = [.. Enumerable.Range(0, sites).Select(n => new SseSocket($"{prefix}-{n}") { Received = latencies.Enqueue })];
        await ConnectAsync(hub, subscribers);
        await UntilAsync(() => subscribers.All(subscriber => subscriber.Cursor.Length > 0));
        return subscribers;
    }

    private static Task ConnectAsync(HubProcess hub, IReadOnlyList<SseSocket> subscribers) => Parallel.ForEachAsync(
        subscribers, new ParallelOptions { MaxDegreeOfParallelism = 128 }, async (subscriber, _) => await subscriber.ConnectAsync(hub.EndPoint));

    private static async Task UntilAsync(Func<bool> condition)
    {
        for (var tries = 0; !condition(); tries++)
        {
            if (tries > 12_000)
            {
                throw new TimeoutException("Not all subscribers were served within a minute.");
            }

            await Task.Delay(5);
        }
    }

    private static void Drop(IReadOnlyList<SseSocket> subscribers)
    {
        foreach (var subscriber in subscribers)
        {
            subscriber.Drop();
        }
    }

    private static void Report(string what, ConcurrentQueue<long> latencies, int expected)
    {
        long[] sorted = [.. latencies.Order()];
        double At(double share) => sorted[Math.Min(sorted.Length - 1, (int)(share * sorted.Length))] / 1000.0;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{what}: p50 {At(0.5):0.00} p90 {At(0.9):0.00} p99 {At(0.99):0.00} p99.9 {At(0.999):0.00} max {sorted[^1] / 1000.0:0.00} ms; {sorted.Length:N0} of {expected:N0} received"));
    }
}
