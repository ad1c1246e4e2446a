using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using GridServices.EnvelopeHub.Sites;

namespace GridServices.EnvelopeHub.Service.Feedback;

/// <summary>Receipts and readings that were changed in the store: told once each in the log, and counted.</summary>
internal sealed partial class DamagedFeedback : IDisposable
{
    private const int MostRemembered = 10_000;
    private readonly Meter _meter;
    private readonly Counter<long> _found;
    private readonly ConcurrentDictionary<(SiteKey, string), bool> _told = new();
    private readonly ILogger<DamagedFeedback> _logger;

    public DamagedFeedback(IMeterFactory meters, ILogger<DamagedFeedback> logger)
    {
        _logger = logger;
        _meter = meters.Create("GridServices.EnvelopeHub");
        _found = _meter.CreateCounter<long>("hub.damaged.feedback", description: "Stored receipts and readings that were changed in the store and are not served");
    }

    /// <param name="site">Whose row it is.</param>
    /// <param name="item">Its key, or its place in the tenant's log.</param>
    public void Found(SiteKey site, string item)
    {
        if (_told.Count > MostRemembered)
        {
            _told.Clear();
        }

        if (_told.TryAdd((site, item), true))
        {
            _found.Add(1);
            LogDamaged(_logger, item, site.Tenant, site.SiteId);
        }
    }

    public void Dispose() => _meter.Dispose();

    [LoggerMessage(EventIds.DamagedFeedbackFound, LogLevel.Error,
        "Feedback {Item} of tenant {Tenant}, site {Site} was changed in the store after it was written. It is not served; lists count it as damaged. Check the disk")]
    private static partial void LogDamaged(ILogger logger, string item, string tenant, string site);
}
