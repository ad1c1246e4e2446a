using GridServices.Ieee2030Dot5.Service.Telemetry;
using GridServices.Ieee2030Dot5.Service.Transport;

namespace GridServices.Ieee2030Dot5.Service.Driver;

/// <summary>What every client's engine works with.</summary>
internal sealed record ClientDependencies(ClientMetrics Metrics, SteadyClock Clock, TlsSettings Tls, ILogger<ClientEngine> Log);
