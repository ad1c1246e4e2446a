using GridServices.Contracts;
using GridServices.Tariffs.Readers;
using NodaTime;

namespace GridServices.Tariffs.Intervals;

/// <summary>One data stream of a NEM file while it is read. The market names directions from the network's side: its export is what a site draws.</summary>
internal sealed class NemStream
{
    private readonly IntervalCollector collector;

    private NemStream(MeterChannel channel, bool reactive, (IntervalUnit Unit, decimal Factor) unit, int minutes, IntervalOptions options)
    {
        (Channel, Reactive, Unit, Factor, Minutes) = (channel, reactive, unit.Unit, unit.Factor, minutes);
        collector = new IntervalCollector(
            options with { Step = Duration.FromMinutes(minutes), Stamp = StampPosition.Start, Channel = channel, LengthsAreStated = true, IsRegister = false }, unit.Unit);
    }

    public MeterChannel Channel { get; }
    public bool Reactive { get; }
    public IntervalUnit Unit { get; }

    /// <summary>What brings a value to kW, kWh, kvar or kvarh.</summary>
    public decimal Factor { get; }

    public int Minutes { get; }
    public bool IsEmpty { get; private set; } = true;

    /// <summary>By the suffix's first letter: E drawn, B fed in, Q reactive. Averages, check meters and net streams are not read.</summary>
    public static NemStream? Create(string suffix, string unit, int minutes, IntervalOptions options) => (suffix.Length == 0 ? ' ' : suffix[0], ParseUnit(unit)) switch
    {
        ('E', { Reactive: false } known) => new NemStream(MeterChannel.Import, reactive: false, (known.Unit, known.Factor), minutes, options),
        ('B', { Reactive: false } known) => new NemStream(MeterChannel.Export, reactive: false, (known.Unit, known.Factor), minutes, options),
        ('Q', { Reactive: true } known) => new NemStream(MeterChannel.Import, reactive: true, (known.Unit, known.Factor), minutes, options),
        _ => null,
    };

    /// <summary>By the direction of a 250 record: E drawn, I fed in.</summary>
    public static NemStream? CreateRegister(string direction, string unit, IntervalOptions options)
    {
        var minutes = options.Step is { } step && (int)step.TotalMinutes is > 0 and <= 1440 and var declared ? declared : 60;
        return ParseUnit(unit) is not { Reactive: false, Unit: IntervalUnit.Kwh } known ? null : direction switch
        {
            "E" => new NemStream(MeterChannel.Import, reactive: false, (known.Unit, known.Factor), minutes, options),
            "I" => new NemStream(MeterChannel.Export, reactive: false, (known.Unit, known.Factor), minutes, options),
            _ => null,
        };
    }

    public void Add(IntervalRow row)
    {
        collector.Add(row);
        IsEmpty = false;
    }

    /// <summary>What was used between two readings, evenly; the sum stays exact.</summary>
    public void Spread(Instant from, Instant until, decimal quantity, int line)
    {
        var step = Duration.FromMinutes(Minutes);
        var (first, last) = (Floor(from, step), Floor(until, step));
        var parts = (int)((last - first) / step);
        if (parts == 0)
        {
            throw CsvLines.Refused(ErrorClass.SemanticTime, $"both readings fall into one interval of {Minutes} min", line);
        }

        // Cut, not rounded: what is left for the last interval is never below 0.
        var (left, share) = (quantity * Factor, decimal.Round(quantity * Factor / parts, 6, MidpointRounding.ToZero));
        for (var i = 0; i < parts; i++)
        {
            Add(new IntervalRow(line, first + step * i, i == parts - 1 ? left : share, Estimated: true));
            left -= share;
        }
    }

    public ReadResult<IntervalSeries> Series() => collector.Series();

    private static Instant Floor(Instant moment, Duration step) => Instant.FromUnixTimeSeconds(moment.ToUnixTimeSeconds() / (long)step.TotalSeconds * (long)step.TotalSeconds);

    private static (IntervalUnit Unit, decimal Factor, bool Reactive)? ParseUnit(string unit) => unit.ToUpperInvariant() switch
    {
        "KWH" => (IntervalUnit.Kwh, 1, false),
        "WH" => (IntervalUnit.Kwh, 0.001m, false),
        "MWH" => (IntervalUnit.Kwh, 1000, false),
        "KW" => (IntervalUnit.Kw, 1, false),
        "W" => (IntervalUnit.Kw, 0.001m, false),
        "MW" => (IntervalUnit.Kw, 1000, false),
        "KVARH" => (IntervalUnit.Kwh, 1, true),
        "VARH" => (IntervalUnit.Kwh, 0.001m, true),
        "MVARH" => (IntervalUnit.Kwh, 1000, true),
        "KVAR" => (IntervalUnit.Kw, 1, true),
        "VAR" => (IntervalUnit.Kw, 0.001m, true),
        _ => null,
    };
}
