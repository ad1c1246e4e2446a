using System.Collections.Immutable;
using NodaTime;

namespace GridServices.Tariffs.Intervals;

public enum StampPosition
{
    /// <summary>A time stamp is where its interval starts.</summary>
    Start,

    /// <summary>A time stamp is where its interval ends.</summary>
    End,
}

public enum MeterChannel
{
    /// <summary>Import register: a negative value is an error.</summary>
    Import,
    Export,

    /// <summary>Net: export is negative.</summary>
    Net,
}

/// <summary>What stands in for intervals that are missing. Nothing is ever filled with 0 in silence.</summary>
public enum GapPolicy
{
    /// <summary>They stay out; the bill is provisional and says how many.</summary>
    LeaveOut,
    Refuse,

    /// <summary>The last value before the gap; marked as estimated.</summary>
    Previous,

    /// <summary>A straight line between the neighbours; marked as estimated.</summary>
    Linear,

    /// <summary>The value of the same time a week (else a day) before; marked as estimated. Where there is none, left out.</summary>
    SameTimeBefore,
}

public enum CsvDelimiter
{
    Comma,
    Semicolon,
    Tab,
    Pipe,
}

public enum DecimalMark
{
    Point,
    Comma,
}

/// <summary>What stands between thousands.</summary>
public enum ThousandsMark
{
    None,
    Comma,
    Point,
    Space,
    Apostrophe,
}

/// <summary>What is done with values that the spike check or the site's limit doubts. None is ever corrected in silence.</summary>
public enum SpikePolicy
{
    /// <summary>They stay as they are, and count as estimates.</summary>
    Mark,

    /// <summary>They count as missing, and the gap policy says what stands in for them.</summary>
    LeaveOut,
    Refuse,
}

/// <summary>What a file of intervals does not say about itself.</summary>
public sealed record IntervalOptions
{
    /// <summary>IANA zone of stamps without an offset.</summary>
    public string? Zone { get; init; }

    public StampPosition Stamp { get; init; } = StampPosition.Start;

    /// <summary>Whether nobody said so: a stamp that cannot be a start is then refused.</summary>
    internal bool IsStampAssumed { get; init; }

    public MeterChannel Channel { get; init; } = MeterChannel.Import;

    /// <summary>Name or 1-based number of the column with the time; absent = <c>timestamp</c>, <c>start</c>, <c>end</c>, <c>time</c> or <c>date</c>, else the first.</summary>
    public string? TimeColumn { get; init; }

    /// <summary>The column with the date, where date and time stand apart.</summary>
    public string? DateColumn { get; init; }

    /// <summary>The column with the value; absent = the one named after a unit.</summary>
    public string? ValueColumn { get; init; }

    /// <summary>The column of a separate export register; absent = the one named export and after a unit, if there is one.</summary>
    public string? ExportColumn { get; init; }

    /// <summary>The column that says whether a row was measured; absent = the one named quality, if there is one.</summary>
    public string? QualityColumn { get; init; }

    /// <summary>Codes of the quality column that say measured; what is neither here nor in <see cref="MissingCodes"/> is an estimate. Empty = the usual words.</summary>
    public ImmutableArray<string> MeasuredCodes { get; init; } = [];

    /// <summary>Codes of the quality column that say that there is no reading. Empty = the usual words.</summary>
    public ImmutableArray<string> MissingCodes { get; init; } = [];

    /// <summary>What stands in the value column where there is no reading; <c>empty</c> = nothing.</summary>
    public ImmutableArray<string> MissingValues { get; init; } = [];

    /// <summary>Columns that are not wanted.</summary>
    public ImmutableArray<string> IgnoreColumns { get; init; } = [];

    /// <summary>How stamps are written; absent = only forms that have one meaning are read.</summary>
    public string? StampFormat { get; init; }

    public CsvDelimiter? Delimiter { get; init; }
    public DecimalMark Decimal { get; init; } = DecimalMark.Point;
    public ThousandsMark Thousands { get; init; } = ThousandsMark.None;

    /// <summary>Rows before the head.</summary>
    public int SkipRows { get; init; }

    /// <summary>Whether the first row names the columns.</summary>
    public bool Header { get; init; } = true;

    /// <summary><c>kWh</c>, <c>Wh</c>, <c>MWh</c>, <c>kW</c> or <c>W</c>; absent = the column's name says it.</summary>
    public string? Unit { get; init; }

    /// <summary>
    /// True = the values are readings of a register that only rises, each at its stamp, and their differences are the energy; false = energy per interval; absent = refused where
    /// they could be either. Power is never a register.
    /// </summary>
    public bool? IsRegister { get; init; }

    /// <summary>Absent = the commonest distance between rows.</summary>
    public Duration? Step { get; init; }

    /// <summary>Whether the two passes of the repeated hour in autumn stand in order, so that stamps without offset can be told apart.</summary>
    public bool RepeatedHourInOrder { get; init; }

    /// <summary>The source states how long each reading is, and was held to it.</summary>
    public bool LengthsAreStated { get; init; }

    public GapPolicy Gaps { get; init; } = GapPolicy.LeaveOut;

    /// <summary>Above this mean power an interval is implausible.</summary>
    public decimal? SiteLimitKw { get; init; }

    /// <summary>Absent = spikes are not looked for, and values above the site's limit are told only.</summary>
    public SpikePolicy? Spikes { get; init; }

    /// <summary>So far above the third highest value of its day a value is a spike, percent.</summary>
    public decimal SpikePercent { get; init; } = 180;

    /// <summary>Ratio of the current transformers times that of the voltage transformers: every value is times this.</summary>
    public decimal Multiplier { get; init; } = 1;

    /// <summary>The register's readings at both ends of the data, which their sum is held against; absent = not checked.</summary>
    public RegisterCheck? Check { get; init; }

    /// <summary>No reading can be later than this; absent = not checked.</summary>
    public Instant? Now { get; init; }

    /// <summary>At most so many rows are kept (ten years of minutes are 5.3 million).</summary>
    public int MostRows { get; init; } = 6_000_000;
}
