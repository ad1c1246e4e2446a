using GridServices.Hosting;
using GridServices.OpenAdr.Service.Telemetry;
using NodaTime;

namespace GridServices.OpenAdr.Service.Driver;

/// <summary>What every VEN's loop works with.</summary>
internal sealed record VenShell(
    Store Store,
    Outbox Outbox,
    Exchanges Exchanges,
    PublisherName Publisher,
    VenMetrics Metrics,
    IClock Clock,
    TimeProvider Time,
    ILogger<VenLoop> Log);
