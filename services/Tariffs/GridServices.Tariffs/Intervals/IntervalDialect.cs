using System.Collections.Immutable;
using NodaTime;

namespace GridServices.Tariffs.Intervals;

/// <summary>How one source (a utility, a logger) writes its interval files, declared once. A member that is absent has the meaning it has without a source.</summary>
public sealed record IntervalDialect
{
    /// <summary>For people.</summary>
    public string? Name { get; init; }

    /// <summary>IANA zone of stamps without offset; absent = the tariff's.</summary>
    public string? Zone { get; init; }

    /// <summary>Where a CSV stamp stands in its interval; absent = start.</summary>
    public StampPosition? Stamp { get; init; }

    /// <summary>import (absent), export, net.</summary>
    public MeterChannel? Channel { get; init; }

    /// <summary>What stands in for missing intervals; absent = they are left out.</summary>
    public GapPolicy? Gaps { get; init; }

    /// <summary>CSV: name or 1-based number of the column with the time.</summary>
    public string? TimeColumn { get; init; }

    /// <summary>CSV: the column with the date, where date and time stand apart.</summary>
    public string? DateColumn { get; init; }

    /// <summary>CSV: the column with the value.</summary>
    public string? ValueColumn { get; init; }

    /// <summary>CSV: the column of a separate export register.</summary>
    public string? ExportColumn { get; init; }

    /// <summary>CSV: the column that says whether a row was measured; absent = the one named quality.</summary>
    public string? QualityColumn { get; init; }

    /// <summary>CSV: qualities that say measured; all others but missingCodes are estimates. Absent = A, actual, measured, valid, validated, verified, ok, good.</summary>
    public ImmutableArray<string> MeasuredCodes { get; init; } = [];

    /// <summary>CSV: qualities that say that there is no reading. Absent = N, missing, null.</summary>
    public ImmutableArray<string> MissingCodes { get; init; } = [];

    /// <summary>CSV: what stands in the value column where there is no reading, e.g. NaN, -9999; <c>empty</c> = nothing.</summary>
    public ImmutableArray<string> MissingValues { get; init; } = [];

    /// <summary>CSV: columns that are not wanted.</summary>
    public ImmutableArray<string> IgnoreColumns { get; init; } = [];

    /// <summary>CSV: how stamps are written, e.g. <c>dd.MM.yyyy HH:mm</c>, <c>epochSeconds</c>.</summary>
    public string? StampFormat { get; init; }

    /// <summary>True = the values are readings of a register; false = energy per interval.</summary>
    public bool? Register { get; init; }

    /// <summary>CSV: the rows stand in the order of time.</summary>
    public bool? RowsInOrder { get; init; }

    /// <summary>CSV: absent = told from the head.</summary>
    public CsvDelimiter? Delimiter { get; init; }

    /// <summary>CSV: absent = point.</summary>
    public DecimalMark? Decimal { get; init; }

    /// <summary>CSV: absent = none.</summary>
    public ThousandsMark? Thousands { get; init; }

    /// <summary>CSV: rows before the head.</summary>
    public int? SkipRows { get; init; }

    /// <summary>CSV: false = there is no head; columns are numbers.</summary>
    public bool? Header { get; init; }

    /// <summary>kWh, Wh, MWh, kW, W; absent = the column's name says it.</summary>
    public string? Unit { get; init; }

    /// <summary>Length of an interval; absent = told from the stamps. NEM13: what readings are spread over, absent = 60.</summary>
    public decimal? Minutes { get; init; }

    /// <summary>Above this mean power, kW, an interval is implausible.</summary>
    public decimal? SiteLimitKw { get; init; }

    /// <summary>Ratio of the current transformers times that of the voltage transformers, where values are not yet multiplied by it; absent = 1.</summary>
    public decimal? Multiplier { get; init; }

    /// <summary>What is done with values far above the rest of their day, or above siteLimitKw; absent = spikes are not looked for.</summary>
    public SpikePolicy? Spikes { get; init; }

    /// <summary>So far above the third highest value of its day a value is a spike, percent; absent = 180.</summary>
    public decimal? SpikePercent { get; init; }

    /// <summary>Green Button: which MeterReading; NEM12 and NEM13: which NMI, or NMI/suffix.</summary>
    public string? Reading { get; init; }

    /// <param name="zone">Of stamps, where the dialect names none.</param>
    /// <param name="now">No reading can be later.</param>
    /// <param name="mostRows">More are refused.</param>
    public IntervalOptions Options(string? zone, Instant? now, int mostRows) => new()
    {
        Zone = Zone ?? zone,
        Stamp = Stamp ?? StampPosition.Start,
        IsStampAssumed = Stamp is null,
        Channel = Channel ?? MeterChannel.Import,
        Gaps = Gaps ?? GapPolicy.LeaveOut,
        TimeColumn = TimeColumn,
        DateColumn = DateColumn,
        ValueColumn = ValueColumn,
        ExportColumn = ExportColumn,
        QualityColumn = QualityColumn,
        MeasuredCodes = MeasuredCodes,
        MissingCodes = MissingCodes,
        MissingValues = MissingValues,
        IgnoreColumns = IgnoreColumns,
        StampFormat = StampFormat,
        IsRegister = Register,
        RepeatedHourInOrder = RowsInOrder ?? false,
        Delimiter = Delimiter,
        Decimal = Decimal ?? DecimalMark.Point,
        Thousands = Thousands ?? ThousandsMark.None,
        SkipRows = SkipRows ?? 0,
        Header = Header ?? true,
        Unit = Unit,
        Step = Minutes is { } minutes ? Duration.FromSeconds((long)(minutes * 60)) : null,
        SiteLimitKw = SiteLimitKw,
        Multiplier = Multiplier ?? 1,
        Spikes = Spikes,
        SpikePercent = SpikePercent ?? 180,
        Now = now,
        MostRows = mostRows,
    };
}
