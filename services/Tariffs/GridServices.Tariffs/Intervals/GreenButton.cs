using System.Collections.Immutable;
using GridServices.Contracts;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Tariffs;

/// <summary>What one channel of a Green Button feed measured.</summary>
public sealed record GreenButtonReading
{
    /// <summary>The MeterReading's link in the feed; empty where the feed has none.</summary>
    public required string Href { get; init; }

    /// <summary>Import (flow direction 1), export (19) or net.</summary>
    public required MeterChannel Channel { get; init; }

    /// <summary>Whether the numbers are reactive (VAr, VArh).</summary>
    public bool Reactive { get; init; }

    public required IntervalSeries Series { get; init; }

    /// <summary>IntervalReading elements read.</summary>
    public required int Readings { get; init; }

    /// <summary>Sum of the raw values, before the power-of-ten multiplier.</summary>
    public required decimal RawSum { get; init; }

    /// <summary>Sum of the raw costs, in 10^-5 of the currency.</summary>
    public required decimal RawCost { get; init; }
}

/// <summary>A read feed.</summary>
public sealed record GreenButtonFeed(ImmutableArray<GreenButtonReading> Readings)
{
    /// <summary>One meter's data: import (or net), with export and reactive energy where the feed has them.</summary>
    /// <param name="href">Link of the MeterReading that is the import; absent = the only one.</param>
    public ReadOutcome<MeterData> Meter(string? href = null)
    {
        var candidates = Readings.Where(r => href is null ? r is { Reactive: false, Channel: not MeterChannel.Export } : r.Href == href).ToArray();
        if (candidates.Length != 1)
        {
            return ReadOutcome<MeterData>.Refused(new Refusal(
                ErrorClass.SemanticReference, "/feed", $"the feed has {candidates.Length} readings of import or net that could be billed; name one in reading: {string.Join(", ", Readings.Select(r => r.Href))}"));
        }

        var net = candidates[0].Series;
        var export = Readings.FirstOrDefault(r => r is { Reactive: false, Channel: MeterChannel.Export } && r != candidates[0])?.Series;
        var reactive = Readings.FirstOrDefault(r => r.Reactive)?.Series;
        return new[] { export, reactive }.OfType<IntervalSeries>().All(s => s.Start == net.Start && s.StepSeconds == net.StepSeconds && s.Count == net.Count)
            ? ReadOutcome<MeterData>.Read(new MeterData { Net = net, Export = export, Reactive = reactive })
            : ReadOutcome<MeterData>.Refused(new Refusal(ErrorClass.DataMisaligned, "/feed", "import, export and reactive readings do not cover the same intervals; give feeds of one period"));
    }
}

/// <summary>
/// Green Button (NAESB ESPI) Atom feeds: interval blocks with their reading types. Times are UTC seconds, so days of 23 and 25 hours
/// need nothing; LocalTimeParameters only say how to show them.
/// </summary>
public static class GreenButton
{
    private const string Espi = "http://naesb.org/espi";
    private static readonly XmlLimits Limits = new() { MaxBytes = 64 << 20, MaxElements = 4_000_000, MaxRepeats = 1_000_000 };

    /// <summary>ESPI QualityOfReading codes of values that were not measured: estimated, derived, projected.</summary>
    private static readonly string[] EstimatedCodes = ["7", "8", "9", "11", "12"];

    public static ReadOutcome<GreenButtonFeed> Read(ReadOnlyMemory<byte> xml, IntervalOptions? options = null)
    {
        try
        {
            return Read(HardenedXml.Load(xml, Limits), options ?? new IntervalOptions());
        }
        catch (WireFormatException e)
        {
            return ReadOutcome<GreenButtonFeed>.Refused(e.Refusal);
        }
        catch (IntervalRefusedException e)
        {
            return ReadOutcome<GreenButtonFeed>.Refused(e.Refusal);
        }
    }

    private static ReadOutcome<GreenButtonFeed> Read(ReceivedElement feed, IntervalOptions options)
    {
        var entries = feed.Children.Where(e => e.Name == "entry").ToArray();
        var types = Contents(entries, "ReadingType").ToDictionary(e => e.Self, e => ReadingType.Of(e.Content), StringComparer.Ordinal);
        if (types.Count == 0)
        {
            throw new WireFormatException(ErrorClass.SchemaInvalid, "/feed", "the feed has no ReadingType, so the unit of its readings is not known");
        }

        var typeOf = Contents(entries, "MeterReading").ToDictionary(e => e.Self, e => e.Related.FirstOrDefault(types.ContainsKey), StringComparer.Ordinal);
        var channels = new Dictionary<string, Channel>(StringComparer.Ordinal);
        foreach (var block in Contents(entries, "IntervalBlock"))
        {
            var reading = block.Up.EndsWith("/IntervalBlock", StringComparison.Ordinal) ? block.Up[..^"/IntervalBlock".Length] : block.Up;
            var type = typeOf.GetValueOrDefault(reading) is { } href ? types[href] : types.Count == 1 ? types.Values.First()
                : throw new WireFormatException(ErrorClass.SemanticReference, block.Content.Path, "the block's MeterReading names no ReadingType of this feed");
            if (!channels.TryGetValue(reading, out var channel))
            {
                channels[reading] = channel = new Channel(reading, type, options);
            }

            channel.Add(block.Content);
        }

        if (channels.Count == 0)
        {
            throw new WireFormatException(ErrorClass.SemanticEmpty, "/feed", "the feed has no IntervalBlock");
        }

        var outcomes = channels.Values.Select(c => c.Close()).ToArray();
        return new ReadOutcome<GreenButtonFeed>(
            new GreenButtonFeed([.. outcomes.Select(o => o.Reading)]), [], [.. outcomes.SelectMany(o => o.Findings)]);
    }

    private static IEnumerable<(ReceivedElement Content, string Self, string Up, string[] Related)> Contents(ReceivedElement[] entries, string name) =>
        from entry in entries
        from content in entry.Children.Where(c => c.Name == "content")
        from resource in content.Children.Where(c => c.Name == name && c.Namespace == Espi)
        let links = entry.Children.Where(c => c.Name == "link").Select(l => (Rel: Attribute(l, "rel"), Href: Attribute(l, "href"))).ToArray()
        select (resource, Link(links, "self"), Link(links, "up"), links.Where(l => l.Rel == "related").Select(l => l.Href).ToArray());

    private static string Link((string Rel, string Href)[] links, string rel) => links.FirstOrDefault(l => l.Rel == rel).Href ?? string.Empty;

    private static string Attribute(ReceivedElement element, string name) => element.Attributes.FirstOrDefault(a => a.Name == name)?.Value ?? string.Empty;

    private static string? Text(ReceivedElement element, string name) => element.Children.FirstOrDefault(c => c.Name == name)?.Text.Trim();

    private static long Whole(ReceivedElement element, string name, long? otherwise = null)
    {
        if (Text(element, name) is not { } text)
        {
            return otherwise ?? throw new WireFormatException(ErrorClass.SchemaInvalid, element.Path, $"{name} is missing; add it");
        }

        return ExactDecimal.TryParse(text, out var value) && value == decimal.Truncate(value) && Math.Abs(value) < 1e15m
            ? (long)value
            : throw new WireFormatException(ErrorClass.SemanticNumber, $"{element.Path}/{name}", "a whole number is wanted here");
    }

    /// <summary>Unit of measure 72 Wh, 38 W, 73 VArh, 63 VAr; everything else is refused.</summary>
    private sealed record ReadingType(IntervalUnit Unit, bool Reactive, decimal Factor, MeterChannel Channel, Duration? Step)
    {
        public static ReadingType Of(ReceivedElement type)
        {
            var power = Whole(type, "powerOfTenMultiplier", 0);
            if (power is < -12 or > 12)
            {
                throw new WireFormatException(ErrorClass.SemanticNumber, $"{type.Path}/powerOfTenMultiplier", "the multiplier is between -12 and 12");
            }

            var (unit, reactive) = Text(type, "uom") switch
            {
                "72" => (IntervalUnit.Kwh, false),
                "38" => (IntervalUnit.Kw, false),
                "73" => (IntervalUnit.Kwh, true),
                "63" => (IntervalUnit.Kw, true),
                var uom => throw new WireFormatException(ErrorClass.Unit, $"{type.Path}/uom", $"the unit of measure {Refusal.Quote(uom ?? "(none)", 20)} is not read; 72 (Wh), 38 (W), 73 (VArh) and 63 (VAr) are"),
            };
            var channel = Text(type, "flowDirection") switch
            {
                "19" => MeterChannel.Export,
                "4" => MeterChannel.Net,
                _ => MeterChannel.Import,
            };
            var scale = power < 0 ? 1 / ExactDecimal.Power((int)-power) : ExactDecimal.Power((int)power);
            return new ReadingType(unit, reactive, scale / 1000, channel, Whole(type, "intervalLength", 0) is > 0 and var seconds ? Duration.FromSeconds(seconds) : null);
        }
    }

    private sealed class Channel(string href, ReadingType type, IntervalOptions options)
    {
        private readonly IntervalCollector collector = new(options with { Step = type.Step ?? options.Step, Stamp = StampPosition.Start, Channel = type.Channel }, type.Unit);
        private decimal rawSum;
        private decimal rawCost;
        private int readings;

        public void Add(ReceivedElement block)
        {
            foreach (var reading in block.Children.Where(c => c.Name == "IntervalReading"))
            {
                var period = reading.Children.FirstOrDefault(c => c.Name == "timePeriod")
                    ?? throw new WireFormatException(ErrorClass.SchemaInvalid, reading.Path, "timePeriod is missing; add it");
                var start = Whole(period, "start");
                if (start is < 0 or > 7_000_000_000)
                {
                    throw new WireFormatException(ErrorClass.SemanticTime, $"{period.Path}/start", "seconds since 1970 are wanted here");
                }

                if (type.Step is { } step && Whole(period, "duration", (long)step.TotalSeconds) != (long)step.TotalSeconds)
                {
                    throw new WireFormatException(ErrorClass.DataOverlap, $"{period.Path}/duration", "the reading is not as long as its ReadingType's intervalLength; give readings of one length");
                }

                var value = Whole(reading, "value");
                rawSum += value;
                rawCost += Whole(reading, "cost", 0);
                collector.Add(new IntervalRow(++readings, Instant.FromUnixTimeSeconds(start), value * type.Factor, IsEstimated(reading)));
            }
        }

        public (GreenButtonReading Reading, ImmutableArray<Finding> Findings) Close()
        {
            var outcome = collector.Series();
            return outcome.Ok
                ? (new GreenButtonReading
                {
                    Href = href,
                    Channel = type.Channel,
                    Reactive = type.Reactive,
                    Series = outcome.Value!,
                    Readings = readings,
                    RawSum = rawSum,
                    RawCost = rawCost,
                }, outcome.Warnings)
                : throw new IntervalRefusedException(outcome.Refusals[0]);
        }

        private static bool IsEstimated(ReceivedElement reading) =>
            reading.Children.Where(c => c.Name == "ReadingQuality").Select(q => Text(q, "quality")).Any(code => EstimatedCodes.Contains(code));
    }
}
