using System.Collections.Immutable;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.Tariffs.Readers;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Tariffs.Intervals;

/// <summary>Reads a dialect that a person declares for a source; every fault at once, with its place and how to fix it.</summary>
public static class IntervalDialectJson
{
    private const int MostText = 200;
    private const int MostWords = 50;
    public const decimal MostMultiplier = 1_000_000;
    public const int MostSkipped = 10_000;
    private static readonly string[] Units = ["kWh", "Wh", "MWh", "kW", "W"];

    public static ReadResult<IntervalDialect> Read(ReadOnlyMemory<byte> json)
    {
        var read = TariffJson.Part<IntervalDialect>(json);
        if (!read.Ok)
        {
            return read;
        }

        var faults = Faults(read.Value!);
        return new ReadResult<IntervalDialect>(faults.IsEmpty ? read.Value : null, faults, []);
    }

    public static string Write(IntervalDialect dialect) => JsonSerializer.Serialize(dialect, TariffJson.Options);

    public static IntervalDialect Stored(string json) => JsonSerializer.Deserialize<IntervalDialect>(json, TariffJson.OwnOptions)!;

    /// <summary>What is wrong with a dialect, however it was declared.</summary>
    public static ImmutableArray<ReadError> Faults(IntervalDialect dialect)
    {
        var faults = ImmutableArray.CreateBuilder<ReadError>();
        void Demand(bool holds, ErrorClass error, string member, string detail)
        {
            if (!holds)
            {
                faults.Add(new ReadError(error, $"/{member}", detail));
            }
        }

        foreach (var (text, member) in Texts(dialect))
        {
            Demand(text is null || Identifiers.IsPlainText(text, MostText), ErrorClass.SemanticText, member, $"has 1 to {MostText} visible characters");
        }

        foreach (var (words, member) in Lists(dialect))
        {
            Demand(words.Length <= MostWords && words.All(w => w is not null && Identifiers.IsPlainText(w, MostText)), ErrorClass.SemanticText, member,
                $"has at most {MostWords} words of 1 to {MostText} visible characters; write empty for a field with nothing in it");
        }

        Demand(dialect.Zone is not { } zone || DateTimeZoneProviders.Tzdb.GetZoneOrNull(zone) is not null, ErrorClass.SemanticTz, "zone", "name an IANA zone, e.g. Europe/Berlin");
        Demand(dialect.Unit is not { } unit || Units.Contains(unit, StringComparer.OrdinalIgnoreCase), ErrorClass.Unit, "unit", $"one of {string.Join(", ", Units)}");
        Demand(dialect.SkipRows is null or (>= 0 and <= MostSkipped), ErrorClass.SemanticNumber, "skipRows", $"0 to {MostSkipped}");
        Demand(dialect.Minutes is null || dialect.Minutes * 60 is >= 1 and <= 86_400, ErrorClass.SemanticNumber, "minutes", "the length of an interval: from a second to a day, 1440");
        Demand(dialect.SiteLimitKw is null or (> 0 and < 1_000_000_000), ErrorClass.SemanticNumber, "siteLimitKw", "a power above 0 kW");
        Demand(dialect.Multiplier is null or (> 0 and <= MostMultiplier), ErrorClass.SemanticNumber, "multiplier",
            $"above 0 and at most {MostMultiplier}: the ratio of the current transformers times that of the voltage transformers, e.g. 40 for 200/5 A");
        Demand(dialect.SpikePercent is null or (> 0 and <= 100_000), ErrorClass.SemanticNumber, "spikePercent", "a share above the day's third highest value, above 0 percent, e.g. 180");
        Demand(!HasOneMarkTwice(dialect), ErrorClass.SchemaInvalid, "thousands", "decimal and thousands are declared as the same mark");
        if (Format(dialect) is { } fault)
        {
            faults.Add(fault with { Path = "/stampFormat" });
        }

        return faults.ToImmutable();
    }

    private static bool HasOneMarkTwice(IntervalDialect dialect) =>
        (dialect.Decimal ?? DecimalMark.Point, dialect.Thousands) is (DecimalMark.Point, ThousandsMark.Point) or (DecimalMark.Comma, ThousandsMark.Comma);

    private static ReadError? Format(IntervalDialect dialect)
    {
        try
        {
            _ = TimestampFormat.From(dialect.StampFormat);
            return null;
        }
        catch (IntervalRefusedException e)
        {
            return e.Refusal;
        }
    }

    private static IEnumerable<(string? Text, string Member)> Texts(IntervalDialect d) =>
    [
        (d.Name, "name"), (d.TimeColumn, "timeColumn"), (d.DateColumn, "dateColumn"), (d.ValueColumn, "valueColumn"), (d.ExportColumn, "exportColumn"),
        (d.QualityColumn, "qualityColumn"), (d.StampFormat, "stampFormat"), (d.Reading, "reading"),
    ];

    private static IEnumerable<(ImmutableArray<string> Words, string Member)> Lists(IntervalDialect d) =>
        [(d.IgnoreColumns, "ignoreColumns"), (d.MeasuredCodes, "measuredCodes"), (d.MissingCodes, "missingCodes"), (d.MissingValues, "missingValues")];
}
