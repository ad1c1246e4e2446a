using GridServices.Hosting.Clustering;
using GridServices.Hosting.Hub;
using GridServices.Hosting.Publishing;
using GridServices.Hosting.Storage;
using GridServices.UtilityClients.Journal;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace GridServices.UtilityClients.Engine;

/// <summary>What every engine's loop works with; <c>Placements</c> in cluster mode only.</summary>
public sealed record EngineDependencies(
    Store Store,
    Outbox Outbox,
    PublisherName Publisher,
    JournalStore Journal,
    IClock Clock,
    TimeProvider Time,
    ILogger<EngineLoop> Log,
    Placements? Placements = null);
