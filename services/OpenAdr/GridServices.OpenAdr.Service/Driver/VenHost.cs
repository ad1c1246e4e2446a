global using VenLoop = GridServices.UtilityClients.Engine.EngineLoop<
    GridServices.OpenAdr.Service.Driver.VenView, GridServices.OpenAdr.Configuration.VenConfig, GridServices.OpenAdr.VenState, GridServices.OpenAdr.VenInput, GridServices.OpenAdr.NoteKind>;
using GridServices.OpenAdr.Configuration;

namespace GridServices.OpenAdr.Service.Driver;

/// <summary>All VENs of this process, each with its own loop.</summary>
internal sealed class VenHost(VenProtocol protocol, EngineDependencies with, ILogger<VenHost> log)
    : EngineHost<VenView, VenConfig, VenState, VenInput, NoteKind>(protocol, with, log);
