using GridServices.Hosting;
using GridServices.Ieee2030Dot5.Service.Telemetry;
using GridServices.Ieee2030Dot5.Service.Transport;

namespace GridServices.Ieee2030Dot5.Service.Driver;

/// <summary>What every client's loop works with.</summary>
internal sealed record ClientShell(
    Store Store,
    Outbox Outbox,
    PublisherName Publisher,
    ClientMetrics Metrics,
    SteadyClock Clock,
    TimeProvider Time,
    TlsSettings Tls,
    ILogger<ClientLoop> Log);
