using System.Collections.Immutable;
using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Readers;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Tariffs.Intervals;

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
    public ReadResult<MeterData> Meter(string? href = null)
    {
        var candidates = Readings.Where(r => href is null ? r is { Reactive: false, Channel: not MeterChannel.Export } : r.Href == href).ToArray();
        if (candidates.Length != 1)
        {
            return ReadResult<MeterData>.Refused(new ReadError(
                ErrorClass.SemanticReference, "/feed", $"the feed has {candidates.Length} readings of import or net that could be billed; name one in reading: {string.Join(", ", Readings.Select(r => r.Href))}"));
        }

        var net = candidates[0].Series;
        var exports = Readings.Where(r => r is { Reactive: false, Channel: MeterChannel.Export } && r != candidates[0]).ToArray();
        var reactives = Readings.Where(r => r.Reactive && r != candidates[0]).ToArray();
        if (exports.Length > 1 || reactives.Length > 1)
        {
            return ReadResult<MeterData>.Refused(new ReadError(
                ErrorClass.SemanticReference, "/feed", $"the feed has {exports.Length} export and {reactives.Length} reactive readings, of which one each could stand beside the import: {string.Join(", ", exports.Concat(reactives).Select(r => r.Href))}; give a feed of one meter"));
        }

        var (export, reactive) = (exports.FirstOrDefault()?.Series, reactives.FirstOrDefault()?.Series);
        return new[] { export, reactive }.OfType<IntervalSeries>().All(s => s.Start == net.Start && s.StepSeconds == net.StepSeconds && s.Count == net.Count)
            ? ReadResult<MeterData>.Read(new MeterData { Net = net, Export = export, Reactive = reactive })
            : ReadResult<MeterData>.Refused(new ReadError(ErrorClass.DataMisaligned, "/feed", "import, export and reactive readings do not cover the same intervals; give feeds of one period"));
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

    /// <summary>
    /// ESPI QualityOfReading codes of measured values: valid, raw, validated, verified, revenue quality. All others (edited, estimated, questionable,
    /// derived, projected, mixed …) are estimates.
    /// </summary>
    private static readonly string[] MeasuredCodes = ["0", "14", "17", "18", "19"];

    public static ReadResult<GreenButtonFeed> Read(ReadOnlyMemory<byte> xml, IntervalOptions? options = null)
    {
        try
        {
            return Read(HardenedXml.Load(xml, Limits), options ?? new IntervalOptions());
        }
        catch (WireFormatException e)
        {
            return ReadResult<GreenButtonFeed>.Refused(e.Refusal);
        }
        catch (IntervalRefusedException e)
        {
            return ReadResult<GreenButtonFeed>.Refused(e.Refusal);
        }
    }

    private static ReadResult<GreenButtonFeed> Read(ReceivedElement feed, IntervalOptions options)
    {
        var entries = feed.Children.Where(e => e.Name == "entry").ToArray();
        var types = Once(Contents(entries, "ReadingType"), e => GreenButtonType.Parse(e.Content));
        if (types.Count == 0)
        {
            throw new WireFormatException(ErrorClass.SchemaInvalid, "/feed", "the feed has no ReadingType, so the unit of its readings is not known");
        }

        var typeOf = Once(Contents(entries, "MeterReading"), e => e.Related.FirstOrDefault(types.ContainsKey));
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
        return new ReadResult<GreenButtonFeed>(
            new GreenButtonFeed([.. outcomes.Select(o => o.Reading)]), [], [.. outcomes.SelectMany(o => o.Findings)]);
    }

    /// <summary>By their own links; one that stands twice leads to two things.</summary>
    private static Dictionary<string, T> Once<T>(
        IEnumerable<(ReceivedElement Content, string Self, string Up, string[] Related)> resources, Func<(ReceivedElement Content, string Self, string Up, string[] Related), T> of)
    {
        var found = new Dictionary<string, T>(StringComparer.Ordinal);
        foreach (var resource in resources)
        {
            if (!found.TryAdd(resource.Self, of(resource)))
            {
                throw new WireFormatException(ErrorClass.DuplicateId, resource.Content.Path, $"the link {SafeText.Quote(resource.Self, 80)} stands twice in the feed; give each resource once");
            }
        }

        return found;
    }

    private static IEnumerable<(ReceivedElement Content, string Self, string Up, string[] Related)> Contents(ReceivedElement[] entries, string name) =>
        from entry in entries
        from content in entry.Children.Where(c => c.Name == "content")
        from resource in content.Children.Where(c => c.Name == name && c.Namespace == Espi)
        let links = entry.Children.Where(c => c.Name == "link").Select(l => (Rel: Attribute(l, "rel"), Href: Attribute(l, "href"))).ToArray()
        select (resource, Link(links, "self"), Link(links, "up"), links.Where(l => l.Rel == "related").Select(l => l.Href).ToArray());

    private static string Link((string Rel, string Href)[] links, string rel) => links.FirstOrDefault(l => l.Rel == rel).Href ?? string.Empty;

    private static string Attribute(ReceivedElement element, string name) => element.Attributes.FirstOrDefault(a => a.Name == name)?.Value ?? string.Empty;

    internal static string? Text(ReceivedElement element, string name) => element.Children.FirstOrDefault(c => c.Name == name)?.Text.Trim();

    internal static long ReadInteger(ReceivedElement element, string name, long? otherwise = null)
    {
        if (Text(element, name) is not { } text)
        {
            return otherwise ?? throw new WireFormatException(ErrorClass.SchemaInvalid, element.Path, $"{name} is missing; add it");
        }

        return ExactDecimal.TryParse(text, out var value) && value == decimal.Truncate(value) && Math.Abs(value) < 1e15m
            ? (long)value
            : throw new WireFormatException(ErrorClass.SemanticNumber, $"{element.Path}/{name}", "a whole number is wanted here");
    }

    private sealed class Channel(string href, GreenButtonType type, IntervalOptions options)
    {
        private readonly List<(IntervalRow Row, long Seconds, string Path)> rows = [];
        private decimal rawSum;
        private decimal rawCost;

        public void Add(ReceivedElement block)
        {
            foreach (var reading in block.Children.Where(c => c.Name == "IntervalReading"))
            {
                var period = reading.Children.FirstOrDefault(c => c.Name == "timePeriod")
                    ?? throw new WireFormatException(ErrorClass.SchemaInvalid, reading.Path, "timePeriod is missing; add it");
                var start = ReadInteger(period, "start");
                if (start is < 0 or > 7_000_000_000)
                {
                    throw new WireFormatException(ErrorClass.SemanticTime, $"{period.Path}/start", "seconds since 1970 are wanted here");
                }

                if (rows.Count == options.MostRows)
                {
                    throw new WireFormatException(ErrorClass.LimitCount, reading.Path, $"more than {options.MostRows} readings; split the feed");
                }

                var value = ReadInteger(reading, "value");
                rawSum += value;
                rawCost += ReadInteger(reading, "cost", 0);
                var row = new IntervalRow(rows.Count + 1, Instant.FromUnixTimeSeconds(start), value * type.Factor, IsEstimated(reading));
                rows.Add((row, ReadInteger(period, "duration", (long)(type.Step?.TotalSeconds ?? 0)), period.Path));
            }
        }

        public (GreenButtonReading Reading, ImmutableArray<Finding> Findings) Close()
        {
            var step = Step();
            var isRegister = type.IsRegister || (type.Accumulation is null && type.Unit == IntervalUnit.Kwh && options.IsRegister == true);
            var told = isRegister
                ? [new Finding(ErrorClass.Plausibility, href,
                $"accumulationBehaviour {type.Accumulation ?? "(none, but declared as a register)"}: the values are register readings at the end of each period; their differences are billed, and the first period has none")]
                : ImmutableArray<Finding>.Empty;
            var collector = new IntervalCollector(
                options with
                {
                    Step = step is { } s ? Duration.FromSeconds(s) : options.Step,
                    Stamp = StampPosition.Start,
                    Channel = type.Channel,
                    LengthsAreStated = step is not null,
                    IsRegister = isRegister || type.Accumulation is not null ? false : options.IsRegister
                }, type.Unit);
            foreach (var row in isRegister ? RegisterReadings.Differences([.. rows.Select(r => r.Row)], step ?? 0, href) : rows.Select(r => r.Row))
            {
                collector.Add(row);
            }

            var outcome = collector.Series();
            return outcome.Ok
                ? (new GreenButtonReading
                {
                    Href = href,
                    Channel = type.Channel,
                    Reactive = type.Reactive,
                    Series = outcome.Value!,
                    Readings = rows.Count,
                    RawSum = rawSum,
                    RawCost = rawCost,
                }, [.. told, .. outcome.Warnings])
                : throw new IntervalRefusedException(outcome.Refusals[0]);
        }

        /// <summary>The length that every reading states; a reading of another length would be a peak that never was. Registers may be read at moments.</summary>
        private long? Step()
        {
            var step = (long)(type.Step?.TotalSeconds ?? 0);
            foreach (var (_, seconds, path) in rows.Where(r => r.Seconds > 0))
            {
                step = step == 0 ? seconds : step;
                if (seconds != step)
                {
                    throw new WireFormatException(ErrorClass.DataOverlap, $"{path}/duration",
                        $"the reading is {seconds} s long where others (or its ReadingType's intervalLength) say {step} s; give readings of one length");
                }
            }

            return step > 0 ? step : null;
        }

        private static bool IsEstimated(ReceivedElement reading) =>
            reading.Children.Where(c => c.Name == "ReadingQuality").Select(q => Text(q, "quality")).Any(code => !MeasuredCodes.Contains(code));
    }
}
