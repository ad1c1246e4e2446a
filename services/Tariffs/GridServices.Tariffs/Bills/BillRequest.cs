using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.Wire;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Tariffs;

/// <summary>A bill asked for inline: tariff, intervals, cycles, options.</summary>
public sealed record BillRequest
{
    /// <summary>One tariff, or its versions in order.</summary>
    public required ImmutableArray<CompiledTariff> Tariffs { get; init; }

    public required MeterData Data { get; init; }
    public required ImmutableArray<BillingCycle> Cycles { get; init; }
    public Account Account { get; init; } = Account.Plain;
    public BillOptions Options { get; init; } = BillOptions.Default;
    public ImmutableArray<CalledEvent> Events { get; init; } = [];

    /// <exception cref="BillRefusedException">The data lack what the tariff asks for.</exception>
    public Bill Bill() => BillCalculator.Calculate(BillPlan.Of(Tariffs, Cycles, Data.Net, Events), Data, Account, Options);
}

/// <summary>
/// Reads <c>{"tariffFormat":"urdb","tariff":{…},"intervals":{"start":…,"minutes":15,"kW":[…]},"year":…,"timeZone":…,"options":{…}}</c>.
/// <c>tariffFormat</c> is <c>own</c> or <c>urdb</c>; intervals are <c>kW</c> or <c>kWh</c> (net: export negative), with
/// <c>exportKW</c>, <c>generationKW</c> and <c>kvar</c> beside them if metered apart; without <c>start</c> they begin with the year.
/// Instead of <c>tariff</c> there may be <c>tariffs</c>, the versions of one; further <c>cycles</c>, <c>account</c>, <c>events</c>, <c>prices</c>.
/// </summary>
public sealed class BillRequestJson
{
    private const int MostTokens = 4_000_000;
    private readonly ReadProblems problems = new();
    private readonly JsonMember root;
    private readonly JsonElement raw;

    private BillRequestJson(JsonElement raw)
    {
        this.raw = raw;
        root = new JsonMember(raw, string.Empty, problems);
    }

    public static ReadOutcome<BillRequest> Read(ReadOnlyMemory<byte> json)
    {
        if (JsonGuard.Check(json.Span, MostTokens) is { } refusal)
        {
            return ReadOutcome<BillRequest>.Refused(refusal);
        }

        using var document = JsonDocument.Parse(json);
        var reader = new BillRequestJson(document.RootElement);
        try
        {
            var request = reader.Request();
            return new ReadOutcome<BillRequest>(reader.problems.Any ? null : request, reader.problems.Refusals, reader.problems.Warnings);
        }
        catch (JsonException e)
        {
            return ReadOutcome<BillRequest>.Refused(TariffJson.Explain(e));
        }
        catch (Exception e) when (e is BillRefusedException or ArgumentException or OverflowException)
        {
            return ReadOutcome<BillRequest>.Refused(new Refusal(ErrorClass.SemanticNumber, "/", e.Message));
        }
    }

    private BillRequest? Request()
    {
        if (root.Member("tariff") is null == (root.Member("tariffs") is null) || root.Member("intervals") is not { } intervals)
        {
            problems.Refuse(ErrorClass.SchemaInvalid, "/", "give a tariff (or tariffs, the versions of one) and intervals");
            return null;
        }

        ImmutableArray<CompiledTariff?> tariffs = root.Member("tariffs") is not null
            ? [.. raw.GetProperty("tariffs").EnumerateArray().Select((t, i) => Tariff(t, $"/tariffs/{i}"))]
            : [Tariff(raw.GetProperty("tariff"), "/tariff")];
        if (tariffs.IsEmpty || tariffs.Any(t => t is null) || Data(intervals, tariffs[0]!) is not { } data)
        {
            return null;
        }

        return new BillRequest
        {
            Tariffs = [.. tariffs.OfType<CompiledTariff>()],
            Data = data,
            Cycles = Cycles(data.Net, tariffs[0]!),
            Account = Part<Account>("account") ?? Account.Plain,
            Events = Part<CalledEvent[]>("events") is { } events ? [.. events] : [],
            Options = new BillOptions
            {
                EnergyTierFill = Word("energyTierFill", TierFill.Chronological),
                Rounding = Rounding(),
                Prices = Part<PriceCurve[]>("prices") is { } prices ? [.. prices] : [],
            },
        };
    }

    private T? Part<T>(string name)
        where T : class => raw.TryGetProperty(name, out var part) ? part.Deserialize<T>(TariffJson.Options) : null;

    private CompiledTariff? Tariff(JsonElement tariff, string at)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(tariff);
        var format = root.Member("tariffFormat")?.Text() ?? "own";
        var zone = root.Member("timeZone")?.Text();
        var outcome = format switch
        {
            "urdb" => UrdbImport.Read(bytes, new UrdbOptions
            {
                TimeZone = zone ?? "Etc/UTC",
                FixedDayRule = Word("fixedDays", FixedPer.Day),
                Ratchets = root.Member("options")?.Member("ratchets")?.IsFalse != true,
            }),
            "own" => TariffJson.Read(bytes),
            _ => ReadOutcome<Tariff>.Refused(new Refusal(ErrorClass.SemanticCode, "/tariffFormat", $"'{JsonGuard.Shown(format)}' is not read here; own and urdb are")),
        };
        foreach (var refusal in outcome.Refusals)
        {
            problems.Refuse(refusal.Class, format is "own" or "urdb" ? $"{at}{refusal.Path}" : refusal.Path, refusal.Detail);
        }

        foreach (var warning in outcome.Warnings)
        {
            problems.Warn(warning.Class, $"{at}{warning.Path}", warning.Detail);
        }

        return outcome.Ok ? CompiledTariff.Of(outcome.Value!) : null;
    }

    private MeterData? Data(JsonMember intervals, CompiledTariff tariff)
    {
        var minutes = intervals.Member("minutes")?.Whole() ?? 0;
        if (minutes <= 0 || 1440 % minutes != 0)
        {
            problems.Refuse(ErrorClass.SemanticDuration, "/intervals/minutes", "the length of an interval in minutes divides the day, e.g. 15 or 60");
            return null;
        }

        var start = Start(intervals, tariff.Zone);
        var power = intervals.Member("kW") is not null;
        var net = Series("kW", start, minutes, IntervalUnit.Kw) ?? Series("kWh", start, minutes, IntervalUnit.Kwh);
        if (net is null)
        {
            problems.Refuse(ErrorClass.SchemaInvalid, "/intervals", "give kW or kWh, one number per interval");
            return null;
        }

        var suffix = power ? "KW" : "Kwh";
        return problems.Any ? null : new MeterData
        {
            Net = net,
            Export = Series($"export{suffix}", start, minutes, net.Unit),
            Generation = Series($"generation{suffix}", start, minutes, net.Unit),
            Reactive = Series(power ? "kvar" : "kvarh", start, minutes, net.Unit),
        };
    }

    private Instant Start(JsonMember intervals, DateTimeZone zone)
    {
        if (intervals.Member("start") is not { } start)
        {
            return zone.AtStartOfDay(new LocalDate(root.Member("year")?.Whole() is > 0 and < 9999 and var year ? year : 2018, 1, 1)).ToInstant();
        }

        var text = start.Text();
        if (OffsetDateTimePattern.ExtendedIso.Parse(text) is { Success: true } exact)
        {
            return exact.Value.ToInstant();
        }

        if (LocalDatePattern.Iso.Parse(text) is { Success: true } day)
        {
            return zone.AtStartOfDay(day.Value).ToInstant();
        }

        if (LocalDateTimePattern.GeneralIso.Parse(text) is { Success: true } local)
        {
            return local.Value.InZoneLeniently(zone).ToInstant();
        }

        problems.Refuse(ErrorClass.SemanticTime, start.Pointer, "a start like 2026-01-01T00:00:00-08:00, or a local date or time in timeZone, is wanted here");
        return Instant.FromUnixTimeSeconds(0);
    }

    private IntervalSeries? Series(string name, Instant start, int minutes, IntervalUnit unit)
    {
        if (!raw.GetProperty("intervals").TryGetProperty(name, out var array) || array.ValueKind != JsonValueKind.Array || array.GetArrayLength() == 0)
        {
            return null;
        }

        var values = new decimal[array.GetArrayLength()];
        var (at, missing) = (0, ImmutableArray.CreateBuilder<IndexRange>());
        foreach (var item in array.EnumerateArray())
        {
            if (item.ValueKind == JsonValueKind.Null)
            {
                missing.Add(new IndexRange(at, 1));
            }
            else if (item.ValueKind is not (JsonValueKind.Number or JsonValueKind.String)
                || !ExactDecimal.TryParse(item.ValueKind == JsonValueKind.Number ? item.GetRawText() : item.GetString(), out values[at]))
            {
                problems.Refuse(ErrorClass.SemanticNumber, string.Create(CultureInfo.InvariantCulture, $"/intervals/{name}/{at}"), "a number is wanted here, or null where there is no reading");
                return null;
            }

            at++;
        }

        return IntervalSeries.Of(start, Duration.FromMinutes(minutes), unit, values).Marked(missing.ToImmutable(), []);
    }

    private ImmutableArray<BillingCycle> Cycles(IntervalSeries series, CompiledTariff tariff)
    {
        if (root.Member("cycles") is { } cycles)
        {
            return [.. cycles.Items().Select(c => new BillingCycle(Day(c, "from"), Day(c, "until")))];
        }

        return root.Member("year") is { } year
            ? BillingCycle.Year(Math.Clamp(year.Whole(), 1, 9998))
            : BillingCycle.CalendarMonths(series.Start.InZone(tariff.Zone).Date, (series.End - Duration.Epsilon).InZone(tariff.Zone).Date.PlusDays(1));
    }

    private LocalDate Day(JsonMember cycle, string name)
    {
        if (cycle.Member(name) is { } day && LocalDatePattern.Iso.Parse(day.Text()) is { Success: true } parsed)
        {
            return parsed.Value;
        }

        problems.Refuse(ErrorClass.SemanticTime, $"{cycle.Pointer}/{name}", "a date like 2026-01-10 is wanted here");
        return new LocalDate(2000, 1, 1);
    }

    private Rounding? Rounding() => raw.TryGetProperty("options", out var options) && options.TryGetProperty("rounding", out var rounding)
        ? rounding.Deserialize<Rounding>(TariffJson.Options)
        : null;

    private T Word<T>(string name, T otherwise)
        where T : struct, Enum
    {
        if (root.Member("options")?.Member(name) is not { } word)
        {
            return otherwise;
        }

        if (Enum.TryParse<T>(word.Text(), ignoreCase: true, out var value) && Enum.IsDefined(value))
        {
            return value;
        }

        problems.Refuse(ErrorClass.SemanticCode, word.Pointer, $"one of {string.Join(", ", Enum.GetNames<T>().Select(JsonNamingPolicy.CamelCase.ConvertName))} is wanted here");
        return otherwise;
    }
}
