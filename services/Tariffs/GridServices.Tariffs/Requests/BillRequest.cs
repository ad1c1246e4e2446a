using System.Collections.Immutable;
using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Readers;
using GridServices.Tariffs.Time;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Tariffs.Requests;

/// <summary>A bill asked for: tariff, intervals, cycles, options.</summary>
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
    public Bill Bill() => BillCalculator.Calculate(Plan(), Data, Account, Options);

    /// <exception cref="BillRefusedException">Versions and cycles do not fit together.</exception>
    public BillPlan Plan() => BillPlan.Create(Tariffs, Cycles, Data.Net, Events);
}

/// <summary>
/// Reads <c>{"tariffFormat":"urdb","tariff":{…},"intervals":{"start":…,"minutes":15,"kW":[…]},"year":…,"timeZone":…,"options":{…}}</c>.
/// <c>tariffFormat</c> is <c>own</c> or <c>urdb</c>; intervals are <c>kW</c> or <c>kWh</c> (net: export negative), with
/// <c>exportKW</c>, <c>generationKW</c> and <c>kvar</c> beside them if metered apart; without <c>start</c> they begin with the year.
/// Instead of <c>tariff</c> there may be <c>tariffs</c>, the versions of one, or <c>tariffId</c>; further <c>cycles</c>, <c>account</c>, <c>events</c>, <c>prices</c>.
/// </summary>
public sealed class BillRequestJson
{
    private readonly ReadProblems problems;
    private readonly JsonMember root;

    internal BillRequestJson(JsonMember root, ReadProblems problems) => (this.root, this.problems) = (root, problems);

    public static ReadResult<BillRequest> Read(ReadOnlyMemory<byte> json, KnownTariffs? known = null) =>
        RequestDocument.Read(json, typeof(BillRequestBody), (root, problems) => new BillRequestJson(root, problems).ReadRequest(known));

    internal BillRequest? ReadRequest(KnownTariffs? known) =>
        new RequestedTariff(root, problems, known).Versions(root) is { IsEmpty: false } tariffs ? ReadFor(tariffs) : null;

    /// <summary>Everything but the tariff.</summary>
    /// <param name="tariffs">What it is billed with.</param>
    /// <param name="all">What account, events and prices may refer to; absent = the same.</param>
    internal BillRequest? ReadFor(ImmutableArray<CompiledTariff> tariffs, ImmutableArray<CompiledTariff> all = default)
    {
        if (Intervals("intervals", tariffs[0].Zone) is not { } data)
        {
            return null;
        }

        if (root.Member("timeZone") is { IsText: true } named && named.Text() != tariffs[0].Zone.Id)
        {
            problems.Warn(ErrorClass.SemanticTz, named.Pointer, $"the tariff is in {tariffs[0].Zone.Id}, which counts; timeZone is for rates that name no zone of their own");
        }

        var account = root.Part<Account>("account", problems) ?? Account.Plain;
        var events = root.Part<CalledEvent[]>("events", problems) ?? [];
        var prices = root.Part<PriceCurve[]>("prices", problems) ?? [];
        var names = new TariffNames([.. (all.IsDefault ? tariffs : all).Select(t => t.Source)]);
        foreach (var stray in AccountRules.Check(account, "/account").Concat(names.Check(account, "/account")).Concat(names.Check(events, "/events")).Concat(names.Check(prices, "/prices")))
        {
            problems.Refuse(stray.Class, stray.Path, stray.Detail);
        }

        return new BillRequest
        {
            Tariffs = tariffs,
            Data = data,
            Cycles = Cycles(data.Net, tariffs[0]),
            Account = account,
            Events = [.. events],
            Options = new BillOptions
            {
                EnergyTierFill = root.Member("options").Enum("energyTierFill", TierFill.Chronological, problems),
                Rounding = root.Member("options")?.Part<Rounding>("rounding", problems),
                Prices = [.. prices],
            },
        };
    }

    internal MeterData? Intervals(string name, DateTimeZone zone)
    {
        if (root.Member(name) is not { } intervals)
        {
            problems.Refuse(ErrorClass.SchemaInvalid, $"/{name}", "missing: give start, minutes and kW or kWh; or csv; or greenButton");
            return null;
        }

        return Read(intervals, zone);
    }

    internal MeterData? Read(JsonMember intervals, DateTimeZone zone)
    {
        var year = root.Member("year")?.Integer();
        if (year is <= 0 or >= 9999)
        {
            problems.Refuse(ErrorClass.SemanticNumber, "/year", "a calendar year like 2026 is wanted here");
            return null;
        }

        return new InlineIntervals(zone, problems) { Year = year }.Read(intervals);
    }

    private ImmutableArray<BillingCycle> Cycles(IntervalSeries series, CompiledTariff tariff)
    {
        if (root.Member("cycles") is { } cycles)
        {
            return [.. cycles.Items().Select(c => new BillingCycle(Day(c, "from"), Day(c, "until")))];
        }

        return root.Member("year") is { } year
            ? BillingCycle.Year(Math.Max(1, year.Integer(1, 9998)))
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
}
