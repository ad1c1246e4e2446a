using System.Collections.Immutable;
using System.Runtime.InteropServices;
using NodaTime;

namespace GridServices.Tariffs.Demand;

/// <summary>Energy of one cell of a demand meter's clock.</summary>
/// <param name="Start">Where the cell starts; it is as long as the window's stride.</param>
/// <param name="Kwh">Drawn in it, as far as known.</param>
/// <param name="KnownSeconds">How much of it readings cover.</param>
/// <param name="Kvarh">kVA: reactive energy, signed, as far as known.</param>
/// <param name="KvarSeconds">kVA: how much of it readings of kvar cover too.</param>
/// <param name="KwhWithoutKvar">kVA: drawn while kvar were not known.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct DemandCell(Instant Start, decimal Kwh, decimal KnownSeconds, decimal Kvarh = 0, decimal KvarSeconds = 0, decimal KwhWithoutKvar = 0);

/// <summary>A period's highest window.</summary>
/// <param name="Kw">Mean of the window, kVA where these are paid; where readings are missing in it, at least so much.</param>
/// <param name="At">Where the window starts.</param>
public sealed record PeakSoFar(decimal Kw, Instant At);

/// <summary>What a demand meter must find again after a restart. Immutable.</summary>
public sealed record DemandMemory
{
    /// <summary>Up to here readings are taken in.</summary>
    public required Instant AsOf { get; init; }

    /// <summary>Where following started; absent = at <see cref="AsOf"/>. What came before counts as nothing.</summary>
    public Instant? Since { get; init; }

    /// <summary>The cells that an open window can still reach, in order.</summary>
    public ImmutableArray<DemandCell> Cells { get; init; } = [];

    /// <summary>Highest finished windows of the cycle, by period.</summary>
    public ImmutableSortedDictionary<string, PeakSoFar> Peaks { get; init; } = ImmutableSortedDictionary<string, PeakSoFar>.Empty;

    /// <summary>Whether cells and peaks are of a line that is paid by kVA.</summary>
    public bool IsApparent { get; init; }

    /// <summary>kVA: mean kvar of the last sample; absent = that one had none.</summary>
    public decimal? LastKvar { get; init; }

    /// <summary>kVA: finished windows of the cycle that set no peak because their kvar are not known.</summary>
    public int? WindowsWithoutKvar { get; init; }
}
