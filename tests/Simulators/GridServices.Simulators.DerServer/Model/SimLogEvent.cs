using System.Xml.Linq;
using NodaTime;

namespace GridServices.Simulators.DerServer.Model;

/// <summary>A log event as a client posted it.</summary>
/// <param name="Device">Number of the device.</param>
/// <param name="Created">When it happened, as the client says.</param>
/// <param name="FunctionSet">11 = DER.</param>
/// <param name="Code">Of the function set and enterprise.</param>
/// <param name="Id">Of the client, 16 bit.</param>
/// <param name="Pen">Enterprise number; 40732 = the standard's own codes.</param>
/// <param name="Profile">2 = IEEE 2030.5.</param>
/// <param name="ExtendedData">32 bit.</param>
/// <param name="Details">In the client's words.</param>
/// <param name="Meaning">What the standard says that it is; null: its codes are not the standard's.</param>
/// <param name="Xml">As sent.</param>
public sealed record SimLogEvent(
    int Device, Instant Created, byte FunctionSet, byte Code, ushort Id, uint Pen, byte Profile, uint? ExtendedData, string? Details, string? Meaning, XElement Xml)
{
    /// <summary>IEEE 2030.5: what tells log events apart.</summary>
    public bool IsSame(SimLogEvent other) => (Created, Id, Pen, Profile) == (other.Created, other.Id, other.Pen, other.Profile);
}
