using NodaTime;

namespace GridServices.OpenAdr.Codec;

/// <summary>What one meter reading of a Green Button feed holds, before it is XML.</summary>
internal sealed record GreenButtonSeries
{
    /// <summary>The same for the same data, so that a reader knows it again.</summary>
    public required string Id { get; init; }

    public required string Title { get; init; }
    public required Instant Updated { get; init; }
    public required Instant From { get; init; }

    /// <summary>Exclusive.</summary>
    public required Instant Until { get; init; }

    /// <summary>The usual length of a reading, whole seconds.</summary>
    public required Duration IntervalLength { get; init; }

    public required GreenButtonType Type { get; init; }

    /// <summary>Oldest first.</summary>
    public required IReadOnlyList<GreenButtonReading> Readings { get; init; }
}

/// <param name="Start">Begin.</param>
/// <param name="Length">Whole seconds.</param>
/// <param name="Value">Wh over that time, or W at its begin.</param>
internal sealed record GreenButtonReading(Instant Start, Duration Length, long Value)
{
    /// <summary>ESPI QualityOfReading: known in part only.</summary>
    public const int Mixed = 13;

    /// <summary>ESPI QualityOfReading: neither measured nor estimated by one of the methods that have a code.</summary>
    public const int Other = 16;

    /// <summary>A code of ESPI's QualityOfReading; null: measured, nothing is said.</summary>
    public int? Quality { get; init; }
}

/// <summary>Codes of ESPI's ReadingType.</summary>
/// <param name="Accumulation">4: an amount per reading; 12: of an instant.</param>
/// <param name="FlowDirection">1: drawn; 19: fed in; 4: the difference.</param>
/// <param name="Kind">12: energy; 37: power.</param>
/// <param name="Unit">72: Wh; 38: W.</param>
internal sealed record GreenButtonType(int Accumulation, int FlowDirection, int Kind, int Unit)
{
    public static GreenButtonType EnergyImport { get; } = new(4, 1, 12, 72);
    public static GreenButtonType EnergyExport { get; } = new(4, 19, 12, 72);
    public static GreenButtonType NetPower { get; } = new(12, 4, 37, 38);

    public bool IsEnergy => Unit == 72;
}
