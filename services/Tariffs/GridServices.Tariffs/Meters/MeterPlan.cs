using System.Collections.Immutable;
using GridServices.Contracts;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Demand;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Meters;

/// <summary>A meter as a person registers it: where it is, what it pays, and what its demand should be held to.</summary>
public sealed record MeterPlan
{
    public required string SiteId { get; init; }

    /// <summary>The stored tariff, with all its versions.</summary>
    public required string TariffId { get; init; }

    /// <summary>Length of the intervals that are kept and billed; divides the hour.</summary>
    public Duration Interval { get; init; } = Duration.FromMinutes(15);

    /// <summary>Day of the month on which a billing cycle starts, 1..28.</summary>
    public int ReadingDay { get; init; } = 1;

    /// <summary>Whose telemetry feeds the meter; absent = the site's connection point.</summary>
    public string? AssetId { get; init; }

    /// <summary>Whether telemetry feeds the meter at all; false = only intervals that are put.</summary>
    public bool Telemetry { get; init; } = true;

    /// <summary>Where the limits apply; absent = the site.</summary>
    public EnvelopeTarget? LimitsAt { get; init; }

    /// <summary>Whether limits are published; a meter that is only billed says false.</summary>
    public bool Publish { get; init; } = true;

    /// <summary>Whether the price of energy ahead is published as <c>tariff/energy-price</c>; absent = where the meter states the limits of the whole site.</summary>
    public bool? PublishPrices { get; init; }

    /// <summary>Absent = <c>planned</c> where <see cref="TargetW"/> is given, else <c>peakToDate</c>.</summary>
    public TargetRule? Target { get; init; }

    /// <summary>The planned peak, W.</summary>
    public long? TargetW { get; init; }

    /// <summary>Advisory (with the price of a breach) unless the site asks for a hard cap.</summary>
    public Obligation Obligation { get; init; } = Obligation.Advisory;

    /// <summary>Readings further apart leave a gap; a meter silent for longer is not trusted.</summary>
    public Duration StaleAfter { get; init; } = Duration.FromMinutes(2);

    /// <summary>Import allowed while the meter is silent, W; absent = no statement then.</summary>
    public long? FailsafeW { get; init; }

    /// <summary>The connection's rating, W: a limit at or above it says nothing and is left out.</summary>
    public long? PhysicalW { get; init; }

    /// <summary>Standing import caps in periods of the tariff's schedules.</summary>
    public ImmutableArray<PeriodCap> Caps { get; init; } = [];

    /// <summary>Subscribed blocks, contracted power, peaks from before.</summary>
    public Account Account { get; init; } = Account.Plain;

    /// <summary>How prices of programs (OpenADR, IEEE 2030.5) stand to the tariff's own.</summary>
    public ImmutableArray<ProgramPrice> ProgramPrices { get; init; } = [];

    /// <summary>Called events that the tariff knows: critical peaks, system peaks.</summary>
    public ImmutableArray<CalledEvent> Events { get; init; } = [];

    /// <summary>System peaks that are forecast and not called: shown with what the load in them would cost, never billed.</summary>
    public ImmutableArray<CalledEvent> ForecastEvents { get; init; } = [];

    /// <summary>kVA: the worst power factor that is assumed where kvar are not read, above 0 up to 1; absent = the one that the tariff's charge states, if any.</summary>
    public decimal? PowerFactor { get; init; }

    /// <summary>A totalised meter: billed is what these meters recorded, added and taken off; it has no records of its own.</summary>
    public ImmutableArray<SummedMeter> SumOf { get; init; } = [];

    /// <summary>Hours of excess renewables, published as advice; absent = none.</summary>
    public ExcessRenewables? ExcessRenewables { get; init; }

    /// <summary>Whether the site's price series is this meter's.</summary>
    public bool StatesPrices() => PublishPrices ?? (Publish && Boundary.Kind == TargetKind.Site);

    internal EnvelopeTarget Boundary => LimitsAt ?? new EnvelopeTarget(TargetKind.Site, SiteId);

    internal DemandTarget DemandTarget => new(
        Target ?? (TargetW is null ? TargetRule.PeakToDate : TargetRule.Planned), (TargetW ?? 0) / 1000m);
}

/// <summary>A meter that another is summed of.</summary>
/// <param name="MeterId">A registered meter with records of its own, of the same interval.</param>
/// <param name="Takes">add (absent), or deduct: a sub-meter that somebody else pays.</param>
public sealed record SummedMeter(string MeterId, MeterSign Takes = MeterSign.Add);

/// <summary>How a meter stands in a sum.</summary>
public enum MeterSign
{
    Add,
    Deduct,
}

/// <summary>At most so much import while a period of the tariff holds.</summary>
public sealed record PeriodCap
{
    /// <summary>Names the stream: <c>tariff/{id}</c>.</summary>
    public required string Id { get; init; }

    /// <summary>A schedule of the tariff; absent = always.</summary>
    public string? Schedule { get; init; }

    public string? Period { get; init; }
    public required long LimitW { get; init; }
    public Obligation Obligation { get; init; } = Obligation.Advisory;
}

/// <summary>What a program's price does to the tariff's energy price.</summary>
public enum ProgramPriceUse
{
    /// <summary>It stands in place of the tariff's energy price while it holds.</summary>
    Replaces,

    /// <summary>It comes on top.</summary>
    Adds,

    /// <summary>It is shown beside the curve only.</summary>
    Shown,
}

/// <summary>A program's price stream and its use. Streams that are not named replace the energy price.</summary>
/// <param name="Stream">e.g. <c>openadr/PROG7</c>.</param>
/// <param name="Use">What it does.</param>
/// <param name="OnTop">Whether riders and taxes come on top of it.</param>
public sealed record ProgramPrice(string Stream, ProgramPriceUse Use = ProgramPriceUse.Replaces, bool OnTop = true);
