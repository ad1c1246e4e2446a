using System.Net;
using GridServices.Adapters.Modbus;

namespace GridServices.Adapters.Service.Modbus;

/// <summary>What one adapter serves to PLCs.</summary>
/// <param name="Listen">Address and port.</param>
/// <param name="Map">The registers.</param>
/// <param name="MostConnections">More are closed as they come.</param>
internal sealed record ModbusPlan(IPEndPoint Listen, RegisterMap Map, int MostConnections);
