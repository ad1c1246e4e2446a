using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Demand;
using GridServices.Tariffs.Readers;
using NodaTime;

namespace GridServices.Tariffs.Meters;

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

    /// <summary>Of <see cref="Peaks"/>, the months that are known in part.</summary>
    public ImmutableArray<PartMonth> PartMonths { get; init; } = [];

    /// <summary>What was drawn so far in the called and forecast system peaks of the cycle.</summary>
    public ImmutableArray<CallSoFar> Calls { get; init; } = [];

    /// <summary>The interval under way, for the bill.</summary>
    public OpenInterval? Interval { get; init; }

    /// <summary>The account with the peaks before a bill, and which of their months are known in part.</summary>
    public Account Into(Account account, IEnumerable<PriorPeak> before) => account with { PriorPeaks = [.. account.PriorPeaks, .. before], PartMonths = PartMonths };

    public static MeterMemory Read(string json) => JsonSerializer.Deserialize<MeterMemory>(json, TariffJson.OwnOptions)!;

    public string Write() => JsonSerializer.Serialize(this, TariffJson.OwnOptions);
}

/// <summary>Energy of an interval that is not over.</summary>
/// <param name="Start">Where it starts.</param>
/// <param name="Kwh">Net so far, import positive.</param>
/// <param name="KnownSeconds">How much of it readings cover.</param>
/// <param name="Kvarh">Reactive energy so far, signed.</param>
/// <param name="KvarSeconds">How much of it readings of kvar cover.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct OpenInterval(Instant Start, decimal Kwh, decimal KnownSeconds, decimal Kvarh = 0, decimal KvarSeconds = 0);

/// <summary>Net and imported energy of a stretch of time.</summary>
/// <param name="From">Start.</param>
/// <param name="Until">End, not contained.</param>
/// <param name="NetKwh">Import less export.</param>
/// <param name="ImportKwh">Import alone, as a register counts it.</param>
/// <param name="Kvarh">Reactive energy, signed; null = not read.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct MeterSample(Instant From, Instant Until, decimal NetKwh, decimal ImportKwh, decimal? Kvarh = null)
{
    /// <summary>What of it lies in [from, until), a part of its time.</summary>
    public MeterSample Part(Instant from, Instant until)
    {
        var (part, whole) = ((until - from).ToInt64Nanoseconds(), (Until - From).ToInt64Nanoseconds());
        return part == whole ? this : new MeterSample(from, until, NetKwh * part / whole, ImportKwh * part / whole, Kvarh * part / whole);
    }

    /// <summary>What is left of it after its first part.</summary>
    public MeterSample After(MeterSample first) => new(first.Until, Until, NetKwh - first.NetKwh, ImportKwh - first.ImportKwh, Kvarh - first.Kvarh);
}

/// <summary>An interval that is over, ready to be billed.</summary>
/// <param name="Start">Where it starts.</param>
/// <param name="Kw">Mean net power.</param>
/// <param name="Estimated">Readings covered it only in part.</param>
/// <param name="Kvar">Mean kvar, signed; null = none were read.</param>
/// <param name="KvarEstimated">Readings of kvar covered it only in part.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct MeterInterval(Instant Start, decimal Kw, bool Estimated, decimal? Kvar = null, bool KvarEstimated = false);
