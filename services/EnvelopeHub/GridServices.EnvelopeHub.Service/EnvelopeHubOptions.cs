using GridServices.EnvelopeHub.History;
using GridServices.Hosting.Configuration;

namespace GridServices.EnvelopeHub.Service;

/// <summary>The section <c>EnvelopeHub</c> of the configuration.</summary>
public sealed record EnvelopeHubOptions : ISettings
{
    public static string Section => "EnvelopeHub";

    /// <summary>How often every subscriber is told that the line is up, and how its upstreams are.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>A subscriber whose socket takes nothing for this long is closed; its cursor lets it come back.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Open streams of one token at one site.</summary>
    public int StreamsPerToken { get; init; } = 4_096;

    /// <summary>Newest events kept in memory per site; a subscriber further behind reads the stored log.</summary>
    public int ReplayEvents { get; init; } = 64;

    /// <summary>How long changes are gathered before the merged timeline is sent.</summary>
    public TimeSpan EffectiveCoalescing { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The merged timeline is sent anew after this long without a change, so that its 48 hours never run out.</summary>
    public TimeSpan EffectiveRenewal { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Sites kept in memory; the least used ones without subscribers make room.</summary>
    public int CachedSites { get; init; } = 20_000;

    /// <summary>Events that may wait for the writer; beyond it publishers are asked to come back later.</summary>
    public int QueuedItems { get; init; } = 100_000;

    /// <summary>Superseded events older than this leave the log.</summary>
    public TimeSpan LogMaxAge { get; init; } = TimeSpan.FromDays(30);

    /// <summary>Most events of a site's log that can be resumed from.</summary>
    public int LogMaxPerSite { get; init; } = 10_000;

    /// <summary>The feedback stream can't go on from what is older than this.</summary>
    public TimeSpan FeedbackMaxAge { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Most items of a tenant that the feedback stream can go on from.</summary>
    public int FeedbackMaxItems { get; init; } = 5_000_000;

    /// <summary>Receipts are listed for this long: a year of events and the time to settle them.</summary>
    public TimeSpan ReceiptMaxAge { get; init; } = TimeSpan.FromDays(400);

    /// <summary>Readings are listed, and known as duplicates, for this long: a month of events and the time to settle them; at least <see cref="FeedbackMaxAge"/>.</summary>
    public TimeSpan TelemetryMaxAge { get; init; } = TimeSpan.FromDays(40);

    /// <summary>Most items of a tenant that are kept to be listed as readings, about 0.6 kB each in the store; the oldest leave first.</summary>
    public int TelemetryMaxItems { get; init; } = 20_000_000;

    /// <summary>How often the logs are trimmed, to the minute.</summary>
    public TimeSpan RetentionInterval { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// How long a new history waits for publishers that nobody knows yet, and a started hub for those it knows to confirm its store.
    /// Meanwhile controllers are told that limits may be missing.
    /// </summary>
    public TimeSpan SettleTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>In cluster mode: how often at least each instance looks at what the others committed. They also tell each other at once; this is what holds where that is lost.</summary>
    public TimeSpan LookInterval { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>In cluster mode: an instance that could not look at the store for so long ends its streams and refuses to tell of sites until it has looked again. At least four times <see cref="LookInterval"/>.</summary>
    public TimeSpan UnseenFor { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Publishers that are always awaited after a loss: `EnvelopeHub:Publishers:0=/gridservices/openadr/1` (of another tenant than `default`: `{tenant} {source}`).</summary>
    public IReadOnlyList<string> Publishers { get; init; } = [];

    /// <summary><see cref="Publishers"/>, read.</summary>
    public IEnumerable<PublisherId> ParsePublishers() => Publishers
        .Select(text => text.Split(' ', 2, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        .Where(parts => parts.Length > 0)
        .Select(parts => parts.Length == 2 ? new PublisherId(parts[0], parts[1]) : new PublisherId("default", parts[0]))
        .Distinct();

    public IEnumerable<string> Validate() =>
    [
        .. Within(nameof(HeartbeatInterval), HeartbeatInterval, TimeSpan.FromMilliseconds(50), TimeSpan.FromMinutes(5)),
        .. Within(nameof(DrainTimeout), DrainTimeout, TimeSpan.FromMilliseconds(50), TimeSpan.FromHours(1)),
        .. Within(nameof(EffectiveCoalescing), EffectiveCoalescing, TimeSpan.Zero, TimeSpan.FromMinutes(1)),
        .. Within(nameof(EffectiveRenewal), EffectiveRenewal, TimeSpan.FromMilliseconds(50), TimeSpan.FromHours(24)),
        .. Within(nameof(LogMaxAge), LogMaxAge, TimeSpan.Zero, TimeSpan.FromDays(36_500)),
        .. Within(nameof(FeedbackMaxAge), FeedbackMaxAge, TimeSpan.Zero, TimeSpan.FromDays(36_500)),
        .. Within(nameof(ReceiptMaxAge), ReceiptMaxAge, TimeSpan.Zero, TimeSpan.FromDays(36_500)),
        .. Within(nameof(TelemetryMaxAge), TelemetryMaxAge, TimeSpan.Zero, TimeSpan.FromDays(36_500)),
        .. Within(nameof(SettleTime), SettleTime, TimeSpan.Zero, TimeSpan.FromHours(1)),
        .. Within(nameof(LookInterval), LookInterval, TimeSpan.FromMilliseconds(10), TimeSpan.FromSeconds(10)),
        .. Within(nameof(UnseenFor), UnseenFor, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5)),
        .. CheckLookInterval(),
        .. Within(nameof(RetentionInterval), RetentionInterval, TimeSpan.FromMilliseconds(50), TimeSpan.FromDays(45)),
        .. Bounds.AtLeastOne($"{Section}:{nameof(ReplayEvents)}", ReplayEvents),
        .. Bounds.AtLeastOne($"{Section}:{nameof(StreamsPerToken)}", StreamsPerToken),
        .. Bounds.AtLeastOne($"{Section}:{nameof(CachedSites)}", CachedSites),
        .. Bounds.AtLeastOne($"{Section}:{nameof(QueuedItems)}", QueuedItems),
        .. Bounds.AtLeastOne($"{Section}:{nameof(LogMaxPerSite)}", LogMaxPerSite),
        .. Bounds.AtLeastOne($"{Section}:{nameof(FeedbackMaxItems)}", FeedbackMaxItems),
        .. Bounds.AtLeastOne($"{Section}:{nameof(TelemetryMaxItems)}", TelemetryMaxItems),
    ];

    private IEnumerable<string> CheckLookInterval() => UnseenFor >= 4 * LookInterval
        ? []
        : [$"{Section}:{nameof(UnseenFor)} must be at least four times {nameof(LookInterval)} ({LookInterval}): a hub that is well would count as cut off between two looks."];

    private static IEnumerable<string> Within(string name, TimeSpan value, TimeSpan least, TimeSpan most) => Bounds.Within($"{Section}:{name}", value, least, most);
}
