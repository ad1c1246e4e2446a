using System.Runtime.InteropServices;
using System.Text.Json.Serialization;
using NodaTime;

namespace GridServices.Tariffs.Demand;

/// <summary>What was drawn so far in a called or forecast system peak.</summary>
/// <param name="Kind">Of the event.</param>
/// <param name="From">Start.</param>
/// <param name="Until">End, exclusive.</param>
/// <param name="Kwh">Imported, as far as readings tell.</param>
/// <param name="KnownSeconds">How much of the call readings cover.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct CallSoFar(string Kind, Instant From, Instant Until, decimal Kwh, decimal KnownSeconds)
{
    /// <summary>Mean over what is known; null where nothing is.</summary>
    [JsonIgnore]
    public decimal? MeanKw => KnownSeconds > 0 ? Kwh * 3600 / KnownSeconds : null;
}
