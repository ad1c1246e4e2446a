using GridServices.Hosting;
using GridServices.UtilityClients.Journal;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace GridServices.UtilityClients.Engine;

/// <summary>What every engine's loop works with.</summary>
public sealed record EngineDependencies(
    Store Store,
    Outbox Outbox,
    PublisherName Publisher,
    JournalStore Journal,
    IClock Clock,
    TimeProvider Time,
    ILogger<EngineLoop> Log);
