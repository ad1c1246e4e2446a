using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text.Json;
using GridServices.Contracts;
using NodaTime;

namespace GridServices.Tariffs;

/// <summary>What a live meter must find again after a restart. Immutable; its JSON is stored with every step.</summary>
public sealed record MeterMemory
{
    public static MeterMemory Empty { get; } = new();

    /// <summary>The last reading of telemetry.</summary>
    public Reading? Last { get; init; }

    /// <summary>Up to here energy is taken in; absent = nothing has come yet.</summary>
    public Instant? AsOf { get; init; }

    /// <summary>First day of the billing cycle that the peaks belong to.</summary>
    public LocalDate? CycleFrom { get; init; }

    public ImmutableSortedDictionary<string, DemandMemory> Lines { get; init; } = ImmutableSortedDictionary<string, DemandMemory>.Empty;

    /// <summary>Peaks of finished cycles, for ratchets and means.</summary>
    public ImmutableArray<PriorPeak> Peaks { get; init; } = [];

    /// <summary>The interval under way, for the bill.</summary>
    public OpenInterval? Interval { get; init; }

    public static MeterMemory Read(string json) => JsonSerializer.Deserialize<MeterMemory>(json, TariffJson.OwnOptions)!;

    public string Write() => JsonSerializer.Serialize(this, TariffJson.OwnOptions);
}

/// <summary>Energy of an interval that is not over.</summary>
/// <param name="Start">Where it starts.</param>
/// <param name="Kwh">Net so far, import positive.</param>
/// <param name="KnownSeconds">How much of it readings cover.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct OpenInterval(Instant Start, decimal Kwh, decimal KnownSeconds);

/// <summary>Net and imported energy of a stretch of time.</summary>
/// <param name="From">Start.</param>
/// <param name="Until">End, not contained.</param>
/// <param name="NetKwh">Import less export.</param>
/// <param name="ImportKwh">Import alone, as a register counts it.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct MeterSample(Instant From, Instant Until, decimal NetKwh, decimal ImportKwh);

/// <summary>An interval that is over, ready to be billed.</summary>
/// <param name="Start">Where it starts.</param>
/// <param name="Kw">Mean net power.</param>
/// <param name="Estimated">Readings covered it only in part.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct MeterInterval(Instant Start, decimal Kw, bool Estimated);
