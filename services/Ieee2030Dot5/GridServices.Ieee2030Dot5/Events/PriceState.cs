using GridServices.Ieee2030Dot5.Envelopes;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Events;

/// <summary>
/// All that the prices of one EndDevice must know to go on after a crash: immutable, equal by content, plain JSON. Everything drawn, told and published is in here.
/// </summary>
public sealed record PriceState
{
    /// <summary>An EndDevice that has heard of no tariff.</summary>
    public static PriceState Initial { get; } = new();

    /// <summary>Intervals that were taken: to come, running, and over for as long as they still matter.</summary>
    public ValueList<HeldPrice> Prices { get; init; } = [];

    /// <summary>What was found fault with, so that it is said and answered once.</summary>
    public ValueList<Remark> Remarks { get; init; } = [];

    /// <summary>What each tariff's series states, as last published.</summary>
    public ValueList<PublishedPrices> Published { get; init; } = [];

    /// <summary>A series that is not in <see cref="Published"/> goes on from here, as in <see cref="DerScheduleState.RevisionFloor"/>.</summary>
    public long RevisionFloor { get; init; }

    /// <summary>Server time minus that of the machine when it was last looked at: what is live in <see cref="Published"/> was stated by it.</summary>
    public Duration StatedBy { get; init; }
}

/// <summary>A TimeTariffInterval that was taken, and what became of it.</summary>
public sealed record HeldPrice
{
    /// <summary>As sent; compared ignoring case.</summary>
    public required string MRid { get; init; }

    public required string TariffKey { get; init; }

    /// <summary>See <see cref="ComponentView.Key"/>; empty where it names none.</summary>
    public required string ComponentKey { get; init; }

    /// <summary>Of the tariff; lower wins.</summary>
    public required byte Primacy { get; init; }

    public required PriceContent Content { get; init; }
    public required Instant ReceivedAt { get; init; }

    /// <summary>Seconds, drawn once.</summary>
    public required long StartOffsetS { get; init; }

    /// <summary>Seconds, drawn once.</summary>
    public required long DurationOffsetS { get; init; }

    /// <summary>With randomisation, server time.</summary>
    public required Instant Start { get; init; }

    /// <summary>Exclusive, with randomisation.</summary>
    public required Instant End { get; init; }

    /// <summary>An end before its time.</summary>
    public Ending? Ending { get; init; }

    /// <summary>Still in the server's list.</summary>
    public bool Listed { get; init; } = true;

    /// <summary>Response statuses that have fallen due, in order. None falls due twice.</summary>
    public ValueList<int> Told { get; init; } = [];

    /// <summary>When it stops to count: its end, or sooner; exclusive.</summary>
    public Instant Over() => Ending is { } ending && ending.At < End ? ending.At : End;
}

/// <summary>What an interval says, as sent: prices in powers of ten of tariff and reading type, times in Unix seconds.</summary>
public sealed record PriceContent
{
    public required int Version { get; init; }
    public required long CreationTime { get; init; }
    public required long StartS { get; init; }
    public required long DurationS { get; init; }
    public long RandomizeStartS { get; init; }
    public long RandomizeDurationS { get; init; }
    public string? ReplyTo { get; init; }
    public byte ResponseRequired { get; init; }

    /// <summary>Dated by a clock of its own: seconds by which its times here were moved to stand by the server's. Null: they are as sent.</summary>
    public long? ClockShiftS { get; init; }

    /// <summary>Ascending by start value; empty: the prices are not known, which is never a price of 0.</summary>
    public ValueList<PriceBlock> Blocks { get; init; } = [];

    /// <summary>Unix seconds, exclusive, before randomisation.</summary>
    public long EndS() => StartS + DurationS;

    /// <summary>The same, its clock being found elsewhere.</summary>
    public PriceContent OnClock(long? clockShiftS)
    {
        var by = (clockShiftS ?? 0) - (ClockShiftS ?? 0);
        return clockShiftS == ClockShiftS ? this : this with { CreationTime = CreationTime + by, StartS = StartS + by, ClockShiftS = clockShiftS };
    }
}

/// <summary>A price from a consumption on.</summary>
/// <param name="StartValue">In the unit of the reading type, as sent.</param>
/// <param name="Price">As sent; positive = a charge, negative = a credit, in either direction of flow.</param>
public sealed record PriceBlock(long StartValue, long Price);
