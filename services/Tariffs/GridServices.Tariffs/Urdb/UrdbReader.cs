using System.Collections.Immutable;
using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Readers;
using NodaTime;

namespace GridServices.Tariffs.Urdb;

/// <summary>One URDB rate, member by member.</summary>
internal sealed partial class UrdbReader(JsonMember rate, UrdbOptions options, ReadProblems problems)
{
    private readonly ImmutableArray<Schedule>.Builder schedules = ImmutableArray.CreateBuilder<Schedule>();
    private readonly ImmutableArray<string>.Builder notes = ImmutableArray.CreateBuilder<string>();

    public Tariff Tariff()
    {
        UnknownMembers.Report(rate, "the rate database", UrdbMembers.Rate, nearOnly: true, problems);
        var energy = Energy();
        var window = rate.Member("demandwindow") is { } minutes ? Window(minutes) : null;
        var ratchet = Ratchet();
        var demand = ReadDemand(window, ratchet);
        var billing = BillingDemand(energy, window, ratchet);
        NoteRatchet(ratchet, demand, billing);
        var (from, until) = Dates();
        var zone = rate.Member("timezone") is { } named ? named.Text() : options.TimeZone ?? Zoneless();
        if (DateTimeZoneProviders.Tzdb.GetZoneOrNull(zone) is null)
        {
            problems.Refuse(ErrorClass.SemanticTz, $"{rate.Pointer}/timezone", ZoneNames.Unknown(zone));
        }

        Comments();
        return new Tariff
        {
            SchemaVersion = Model.Tariff.CurrentSchema,
            Id = rate.Member("label")?.Text() is { Length: > 0 } label ? label : "urdb",
            Version = from is { } day ? day.ToString("uuuu-MM-dd", null) : "1",
            Name = rate.Member("name")?.Text(),
            Utility = rate.Member("utility")?.Text(),
            Source = rate.Member("uri")?.Text(),
            Currency = options.Currency,
            TimeZone = zone,
            EffectiveFrom = from,
            EffectiveUntil = until,
            DayTypes = [
                new DayType { Id = "weekday", Days = [.. Enumerable.Range(1, 5).Select(d => (IsoDayOfWeek)d)] },
                new DayType { Id = "weekend", Days = [IsoDayOfWeek.Saturday, IsoDayOfWeek.Sunday] },
            ],
            Energy = energy,
            Demand = demand,
            BillingDemand = billing,
            Schedules = schedules.ToImmutable(),
            Fixed = Fixed(),
            Minimums = Minimums(),
            Export = Export(),
            Notes = notes.ToImmutable(),
        };
    }

    /// <summary>A load profile without real times may well have none; times of use of a meter's own intervals would be hours off.</summary>
    private string Zoneless()
    {
        problems.Warn(ErrorClass.SemanticTz, rate.Pointer, $"neither the rate nor the request names a time zone: {UrdbOptions.NoZone} was taken, in which days and times of use are not the utility's; give timeZone");
        return UrdbOptions.NoZone;
    }

    private (LocalDate? From, LocalDate? Until) Dates()
    {
        var from = rate.Member("startdate")?.Day();
        var until = rate.Member("enddate")?.Day();
        if (from is { } start && until is { } end && end < start)
        {
            problems.Refuse(ErrorClass.SemanticTime, $"{rate.Pointer}/enddate", "the rate ends before it starts");
            return (from, null);
        }

        // The database's end date is the last day on which the rate holds.
        return (from, until?.PlusDays(1));
    }

    private ImmutableArray<FixedCharge> Fixed()
    {
        var charges = ImmutableArray.CreateBuilder<FixedCharge>();
        var unit = rate.Member("fixedchargeunits");
        var per = unit?.Text() switch
        {
            null or "$/month" => FixedPer.Month,
            "$/day" => options.FixedDayRule,
            "$/year" => FixedPer.Year,
            var other => UnknownUnit(unit!, other, "$/month, $/day or $/year"),
        };
        Add("fixed", "Fixed charge", rate.Member("fixedchargefirstmeter"), per, additional: false);
        Add("fixed-additional", "Fixed charge, each further meter", rate.Member("fixedchargeeaaddl"), per, additional: true);
        Add("fixed-monthly", "Fixed monthly charge", rate.Member("fixedmonthlycharge"), FixedPer.Month, additional: false);
        return charges.ToImmutable();

        void Add(string id, string name, JsonMember? amount, FixedPer kind, bool additional)
        {
            // Both the old and the new member of one charge may stand in one document; the new one counts.
            if (amount is not null && !(id == "fixed-monthly" && rate.Member("fixedchargefirstmeter") is { } first && first.Number() != 0))
            {
                charges.Add(new FixedCharge { Id = id, Name = name, Amount = amount.Number(), Per = kind, PerAdditionalMeter = additional });
            }
        }
    }

    private FixedPer UnknownUnit(JsonMember unit, string text, string known)
    {
        problems.Refuse(ErrorClass.Unit, unit.Pointer, $"the unit '{SafeText.Short(text)}' is not known; write {known}");
        return FixedPer.Month;
    }

    private ImmutableArray<MinimumBill> Minimums()
    {
        var minimums = ImmutableArray.CreateBuilder<MinimumBill>();
        if (rate.Member("mincharge") is { } charge)
        {
            var unit = rate.Member("minchargeunits");
            var per = unit?.Text() switch
            {
                null or "$/month" => MinimumPer.Month,
                "$/day" => MinimumPer.Day,
                "$/year" => MinimumPer.Year,
                var other => (MinimumPer)(int)UnknownUnit(unit!, other, "$/month, $/day or $/year"),
            };
            minimums.Add(new MinimumBill { Id = "minimum", Amount = charge.Number(), Per = per });
        }
        else if (rate.Member("minmonthlycharge") is { } monthly)
        {
            minimums.Add(new MinimumBill { Id = "minimum", Amount = monthly.Number() });
        }

        if (rate.Member("annualmincharge") is { } yearly)
        {
            minimums.Add(new MinimumBill { Id = "minimum-annual", Amount = yearly.Number(), Per = MinimumPer.Year });
        }

        return minimums.ToImmutable();
    }

    private ExportTerms? Export()
    {
        var rules = rate.Member("dgrules")?.Text();
        return rules switch
        {
            null => rate.Member("usenetmetering")?.Flag() == true ? NetMetering(ExportCredit.Kwh) : null,
            "Net Metering" => NetMetering(ExportCredit.Kwh),
            "Net Metering (rollover $)" => NetMetering(ExportCredit.Money),
            "Net Billing Instantaneous" => new ExportTerms { Mode = ExportMode.NetBilling },
            "Net Billing Hourly" => new ExportTerms { Mode = ExportMode.NetBilling, NetWithinMinutes = 60 },
            "Net Billing Hourly (credit carryover)" => new ExportTerms { Mode = ExportMode.NetBilling, Credit = ExportCredit.Money, NetWithinMinutes = 60 },
            "Buy All Sell All" => new ExportTerms { Mode = ExportMode.BuyAllSellAll },
            _ => Unknown(rules),
        };

        ExportTerms? Unknown(string text)
        {
            problems.Warn(ErrorClass.SemanticCode, $"{rate.Pointer}/dgrules", $"'{SafeText.Short(text)}' is not known; export is neither paid nor netted");
            return null;
        }
    }

    private static ExportTerms NetMetering(ExportCredit credit) => new() { Mode = ExportMode.NetMetering, Credit = credit };

    private void Comments()
    {
        foreach (var name in (string[])["basicinformationcomments", "energycomments", "demandcomments", "demandreactivepowercharge"])
        {
            if (rate.Member(name) is { } comment)
            {
                notes.Add(name == "demandreactivepowercharge"
                    ? $"the source has a reactive power charge of {comment.Number()} per kVAR that is not calculated; add it under reactive"
                    : $"{name}: {SafeText.Short(comment.Text())}");
            }
        }
    }
}
