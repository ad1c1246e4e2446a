using System.Collections.Immutable;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Readers;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Requests;

/// <summary>A billing run as it is asked for: which meters, which cycles, by which tariff.</summary>
public sealed record BillingRunRequest
{
    /// <summary>Ids; empty = all meters (of <see cref="SiteId"/>, where given).</summary>
    public ImmutableArray<string> Meters { get; init; } = [];

    public string? SiteId { get; init; }

    /// <summary>First day of the first cycle.</summary>
    public required LocalDate From { get; init; }

    /// <summary>First day that is no longer billed; cycles that start before it are billed whole.</summary>
    public required LocalDate Until { get; init; }

    /// <summary>Instead of each meter's own tariff.</summary>
    public string? TariffId { get; init; }

    public TierFill EnergyTierFill { get; init; } = TierFill.Chronological;

    public Rounding? Rounding { get; init; }

    /// <summary>An earlier run: each bill then tells what is still due against that run's bill.</summary>
    public string? Resettles { get; init; }

    /// <summary>The cycles of a meter that is read on a day of the month.</summary>
    public ImmutableArray<BillingCycle> Cycles(int readingDay)
    {
        var cycles = ImmutableArray.CreateBuilder<BillingCycle>();
        var first = BillingCycle.Containing(From, readingDay);
        for (var cycle = first.From < From ? BillingCycle.Containing(first.Until, readingDay) : first; cycle.From < Until; cycle = BillingCycle.Containing(cycle.Until, readingDay))
        {
            cycles.Add(cycle);
        }

        return cycles.ToImmutable();
    }

    public string Write() => JsonSerializer.Serialize(this, TariffJson.Options);

    public static BillingRunRequest Stored(string json) => JsonSerializer.Deserialize<BillingRunRequest>(json, TariffJson.Options)!;
}

/// <summary>Reads <c>{"meters":"all"|[…],"siteId":…,"from":…,"until":…|"year":…,"tariffId":…,"options":{…},"resettles":…}</c>.</summary>
public static class BillingRunJson
{
    private const int MostMeters = 100_000;
    private const int MostMonths = 120;

    public static ReadResult<BillingRunRequest> Read(ReadOnlyMemory<byte> json) => RequestDocument.Read(json, typeof(RunRequestBody), (root, problems) =>
    {
        var (from, until) = Days(root, problems);
        return problems.Any ? null : new BillingRunRequest
        {
            Meters = Meters(root, problems),
            SiteId = root.Member("siteId")?.Text(),
            From = from,
            Until = until,
            TariffId = root.Member("tariffId")?.Text(),
            EnergyTierFill = root.Member("options").Enum("energyTierFill", TierFill.Chronological, problems),
            Rounding = root.Member("options")?.Part<Rounding>("rounding", problems),
            Resettles = root.Member("resettles")?.Text(),
        };
    });

    private static ImmutableArray<string> Meters(JsonMember root, ReadProblems problems)
    {
        var meters = root.Member("meters");
        if (meters is { IsText: true } word && word.Text() == "all")
        {
            return [];
        }

        ImmutableArray<string> ids = meters is { IsArray: true } list ? [.. list.Items().Select(m => m.Text()).Distinct(StringComparer.Ordinal)] : [];
        if (ids.Length is 0 or > MostMeters)
        {
            problems.Refuse(ErrorClass.SchemaInvalid, "/meters", $"say \"all\", or name 1 to {MostMeters} meters");
        }

        if (ids.Length > 0 && root.Member("siteId") is { } site)
        {
            problems.Refuse(ErrorClass.SchemaInvalid, site.Pointer, "siteId is for \"all\" meters of a site; beside a list of meters leave it out");
        }

        return ids;
    }

    private static (LocalDate From, LocalDate Until) Days(JsonMember root, ReadProblems problems)
    {
        if (root.Member("year") is { } year)
        {
            if ((root.Member("from") ?? root.Member("until")) is { } both)
            {
                problems.Refuse(ErrorClass.SchemaInvalid, both.Pointer, "year stands here too; give year alone, or from and until");
            }

            var number = Math.Max(1, year.Integer(1, 9998));
            return (new LocalDate(number, 1, 1), new LocalDate(number + 1, 1, 1));
        }

        var (from, until) = (Day(root, "from", problems), Day(root, "until", problems));
        if (!problems.Any && (until <= from || Period.Between(from, until, PeriodUnits.Months).Months > MostMonths))
        {
            problems.Refuse(ErrorClass.SemanticTime, "/until", $"until lies after from, by at most {MostMonths} months");
        }

        return (from, until);
    }

    private static LocalDate Day(JsonMember root, string name, ReadProblems problems)
    {
        if (root.Member(name) is { IsText: true } day && NodaTime.Text.LocalDatePattern.Iso.Parse(day.Text()) is { Success: true } parsed)
        {
            return parsed.Value;
        }

        problems.Refuse(ErrorClass.SemanticTime, $"/{name}", "a date like 2026-01-01 is wanted here (or year alone)");
        return default;
    }
}
