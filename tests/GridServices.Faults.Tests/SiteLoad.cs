using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text.Json;
using GridServices.Contracts;
using NodaTime;

namespace GridServices.Faults.Tests;

/// <summary>
/// A publisher with one stream at each of its sites: revision after revision, each tighter than the one before, and sent again under the same id until it is
/// answered. What was acknowledged is the model that the hub is held against.
/// </summary>
internal sealed class SiteLoad(int sites)
{
    private const long Loosest = 10_000_000;
    private readonly long[] _acknowledged = new long[sites];
    private readonly byte[]?[] _waiting = new byte[]?[sites];

    public int Sites => sites;

    /// <summary>What the hub answered that is neither "accepted" nor "duplicate".</summary>
    public ConcurrentQueue<string> Odd { get; } = new();

    /// <summary>Publications that the hub has taken.</summary>
    public long Taken => Enumerable.Range(0, sites).Sum(Acknowledged);

    public static string Name(int site) => $"site-{site}";

    /// <summary>The highest revision that was acknowledged; 0: none.</summary>
    public long Acknowledged(int site) => Volatile.Read(ref _acknowledged[site]);

    /// <summary>The limit of a revision, in W.</summary>
    public static long Watts(long revision) => Loosest - revision;

    /// <summary>Publishes until it is told to stop, and then until everything that was begun is answered.</summary>
    public async Task RunAsync(HttpClient hub, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested || _waiting.Any(item => item is not null))
        {
            if (!await RoundAsync(hub, stop.IsCancellationRequested))
            {
                await Task.Delay(20, CancellationToken.None);
            }
        }
    }

    /// <summary>One revision for each site.</summary>
    /// <returns>False: not answered, or not all taken.</returns>
    public async Task<bool> RoundAsync(HttpClient hub, bool onlyWaiting = false)
    {
        var sent = Enumerable.Range(0, sites).Where(site => !onlyWaiting || _waiting[site] is not null).ToList();
        foreach (var site in sent)
        {
            _waiting[site] ??= Publication(site, Acknowledged(site) + 1);
        }

        try
        {
            using var answer = await hub.PostAsync(new Uri("/v1/envelopes", UriKind.Relative), Batch(sent.Select(site => _waiting[site]!)));
            if (!answer.IsSuccessStatusCode)
            {
                return false;
            }

            var results = JsonSerializer.Deserialize<PublishAnswer>(await answer.Content.ReadAsByteArrayAsync(), ContractJson.Options)!.Results;
            return sent.Zip(results).Select(pair => Take(pair.First, pair.Second)).ToList().TrueForAll(taken => taken);
        }
        catch (Exception away) when (away is HttpRequestException or IOException)
        {
            return false;
        }
    }

    /// <summary>One publication for one site, as it is sent.</summary>
    public static HttpContent Single(int site) => Batch([Publication(site, 1)]);

    private bool Take(int site, PublishResult result)
    {
        if (result.Status is PublishStatus.Accepted or PublishStatus.Duplicate)
        {
            _waiting[site] = null;
            Interlocked.Increment(ref _acknowledged[site]);
            return true;
        }

        Odd.Enqueue($"{Name(site)} revision {Acknowledged(site) + 1}: {result.Status} {result.Problem?.Detail}");
        return false;
    }

    private static byte[] Publication(int site, long revision) => JsonSerializer.SerializeToUtf8Bytes(
        CloudEvents.Wrap(
            new Envelope
            {
                EnvelopeId = Guid.CreateVersion7(),
                Revision = revision,
                SiteId = Name(site),
                Target = new EnvelopeTarget(TargetKind.Site, Name(site)),
                Stream = new StreamId("openadr", "PROG7"),
                Tier = Tier.Contractual,
                Obligation = Obligation.Mandatory,
                Segments = [new Segment { From = Instant.FromUtc(2020, 1, 1, 0, 0), Until = null, Limits = new Limits { ImportLimitW = Watts(revision) } }],
                Provenance = new Provenance { Protocol = "OpenADR 2.0b", Authority = "VTN-1" },
            },
            "/gridservices/openadr/1",
            "default",
            Guid.NewGuid().ToString(),
            SystemClock.Instance.GetCurrentInstant()),
        ContractJson.Options);

    private static ByteArrayContent Batch(IEnumerable<byte[]> events)
    {
        using var body = new MemoryStream();
        foreach (var item in events)
        {
            body.WriteByte(body.Length == 0 ? (byte)'[' : (byte)',');
            body.Write(item);
        }

        body.WriteByte((byte)']');
        var content = new ByteArrayContent(body.ToArray());
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(CloudEventTypes.BatchMediaType);
        return content;
    }
}
