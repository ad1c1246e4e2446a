using System.Collections.Concurrent;
using GridServices.Cluster.Placement;
using GridServices.Contracts;
using GridServices.Hosting.Clustering;
using GridServices.Hosting.Hub;

namespace GridServices.Cluster.Feedback;

/// <summary>
/// Whether a stream's utility has been heard, where another node runs what speaks for it: that node is asked, beside the sending, and what it says counts
/// for some seconds. Until it has answered nothing of it goes above the hub's word.
/// </summary>
internal sealed class ClusterHearing(LocalHearing local, IPlacedWork work, IGrainFactory grains, TimeProvider time) : IStreamHearing
{
    private const int MostKept = 10_000;
    private static readonly TimeSpan GoodFor = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(1);
    private readonly ConcurrentDictionary<SpokenStream, (string? Why, long At)> _told = new();
    private readonly ConcurrentDictionary<SpokenStream, bool> _asked = new();
    private long _sweptAt = time.GetTimestamp();

    public string? WhyUnheard(SpokenStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (local.Of.WhyUnheard(stream) is not { } why)
        {
            return null;
        }

        if (_told.TryGetValue(stream, out var told) && time.GetElapsedTime(told.At) < GoodFor)
        {
            return told.Why;
        }

        if (_asked.TryAdd(stream, true))
        {
            _ = QueryNodesAsync(stream, why);
        }

        return told.At > 0 ? told.Why ?? "The node that runs what speaks for it is asked again." : "The node that runs what speaks for it is being asked.";
    }

    private async Task QueryNodesAsync(SpokenStream stream, string here)
    {
        try
        {
            var keys = await work.GetKeysForSitesAsync(stream.Tenant, [stream.SiteId], CancellationToken.None);
            var answers = await Task.WhenAll(keys.Where(pair => !work.Runs(pair.Key)).Select(pair => grains.GetGrain<IPlacedGrain>(pair.Key.ToString()).WhyUnheardAsync(stream.Tenant, stream.SiteId, stream.Stream.Service, stream.Stream.Key)));
            CacheAnswer(stream, answers.Length == 0 ? here : answers.Contains(null) ? null : answers[0]);
        }
        catch (Exception away) when (away is not OutOfMemoryException)
        {
            CacheAnswer(stream, $"The node that runs what speaks for it does not answer: {SafeText.Line(away.Message)}");
        }
        finally
        {
            _asked.TryRemove(stream, out _);
        }
    }

    private void CacheAnswer(SpokenStream stream, string? why)
    {
        // Now and then: a sweep looks at all of them, and few may have gone out of date since the last one.
        if (_told.Count >= MostKept && time.GetElapsedTime(Volatile.Read(ref _sweptAt)) >= SweepInterval)
        {
            // What counts no more goes: the rest was asked for within seconds, so it is bounded by what the outbox holds.
            Volatile.Write(ref _sweptAt, time.GetTimestamp());
            foreach (var old in _told.Where(told => time.GetElapsedTime(told.Value.At) >= GoodFor))
            {
                _told.TryRemove(old.Key, out _);
            }
        }

        _told[stream] = (why, time.GetTimestamp());
    }
}
