using System.Collections.Immutable;
using GridServices.Contracts;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Time;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Tariffs.Readers;

/// <summary>What the schema cannot say by form alone. Collects every problem; each names its place and how to fix it.</summary>
internal sealed partial class TariffRules
{
    private const int MostCharges = 64;
    private const int MostPeriods = 120;
    private readonly ImmutableArray<ReadError>.Builder refusals = ImmutableArray.CreateBuilder<ReadError>();
    private readonly ImmutableArray<Finding>.Builder warnings = ImmutableArray.CreateBuilder<Finding>();
    private readonly Dictionary<string, ImmutableArray<string>> periods = new(StringComparer.Ordinal);
    private readonly Tariff tariff;

    private TariffRules(Tariff tariff) => this.tariff = tariff;

    public static (ImmutableArray<ReadError> Refusals, ImmutableArray<Finding> Warnings) Check(Tariff tariff)
    {
        var rules = new TariffRules(tariff);
        rules.Head();
        rules.Calendar();
        rules.Schedules();
        rules.Charges();
        return (rules.refusals.ToImmutable(), rules.warnings.ToImmutable());
    }

    private void Head()
    {
        Require(tariff.SchemaVersion == Tariff.CurrentSchema, ErrorClass.SchemaInvalid, "/schemaVersion", $"this reader knows schema {Tariff.CurrentSchema} only");
        Require(tariff.Id.Length is > 0 and <= 200, ErrorClass.SemanticId, "/id", "give an id of 1 to 200 characters");
        Require(Currencies.IsCode(tariff.Currency), ErrorClass.Unit, "/currency", Currencies.Unknown(tariff.Currency));
        Require(
            DateTimeZoneProviders.Tzdb.GetZoneOrNull(tariff.TimeZone) is not null,
            ErrorClass.SemanticTz,
            "/timeZone",
            ZoneNames.Unknown(tariff.TimeZone));
        Require(
            tariff.EffectiveUntil is not { } until || tariff.EffectiveFrom is not { } from || from < until,
            ErrorClass.SemanticTime,
            "/effectiveUntil",
            "the version ends before it starts; effectiveUntil is the first day on which it no longer holds");
        if (tariff.Rounding is { } rounding)
        {
            Require(rounding.Scale is null or (>= 0 and <= 12), ErrorClass.SemanticNumber, "/rounding/scale", "digits of money are 0 to 12");
            Require(rounding.KwhDigits is null or (>= 0 and <= 12), ErrorClass.SemanticNumber, "/rounding/kwhDigits", "digits are 0 to 12");
            Require(rounding.KwDigits is null or (>= 0 and <= 12), ErrorClass.SemanticNumber, "/rounding/kwDigits", "digits are 0 to 12");
            Require(rounding.CashStep is null or > 0, ErrorClass.SemanticNumber, "/rounding/cashStep", "the smallest coin is above 0");
        }
    }

    private void Calendar()
    {
        Unique(tariff.Seasons.Select(s => s.Id), "/seasons");
        Unique(tariff.DayTypes.Select(d => d.Id), "/dayTypes");
        Require(tariff.Seasons.Length <= MostCharges && tariff.DayTypes.Length <= MostCharges, ErrorClass.LimitCount, "/", "at most 64 seasons and 64 day types");
        Each(tariff.Seasons, "/seasons", (season, at) => Require(!season.Ranges.IsEmpty, ErrorClass.SemanticEmpty, $"{at}/ranges", "a season needs a range of days"));
        Each(tariff.Holidays, "/holidays", (holiday, at) =>
        {
            var ways = (holiday.Date is null ? 0 : 1) + (holiday.Annual is null ? 0 : 1) + (holiday.Nth is null ? 0 : 1) + (holiday.EasterOffset is null ? 0 : 1);
            Require(ways == 1, ErrorClass.SchemaInvalid, at, "say exactly one of date, annual, nth, easterOffset");
            Require(
                holiday.Nth is not { } nth || (nth.Month is >= 1 and <= 12 && nth.N is >= -5 and <= 5 and not 0 && nth.Weekday is >= IsoDayOfWeek.Monday and <= IsoDayOfWeek.Sunday),
                ErrorClass.SemanticNumber,
                $"{at}/nth",
                "month is 1..12, n is 1..5 or -1..-5, weekday is monday..sunday");
            Require(holiday.EasterOffset is null or (>= -100 and <= 100), ErrorClass.SemanticNumber, $"{at}/easterOffset", "days from Easter are -100..100");
        });
        Each(tariff.DayTypes, "/dayTypes", (type, at) => Require(
            !type.Days.IsEmpty || type.Holidays == HolidayRule.Include,
            ErrorClass.SemanticEmpty,
            $"{at}/days",
            "a day type needs weekdays, or holidays: include"));
    }

    private void Schedules()
    {
        Unique(tariff.Schedules.Select(s => s.Id), "/schedules");
        Each(tariff.Schedules, "/schedules", (schedule, at) =>
        {
            var before = refusals.Count;
            Require(!schedule.Rules.IsEmpty, ErrorClass.SemanticEmpty, $"{at}/rules", "a schedule needs a rule");
            Require(schedule.Rules.Length <= 1000, ErrorClass.LimitCount, $"{at}/rules", "at most 1000 rules");
            Each(schedule.Rules, $"{at}/rules", Rule);
            var names = schedule.Rules.Select(r => r.Period).Distinct(StringComparer.Ordinal).ToImmutableArray();
            periods[schedule.Id] = names;
            Require(names.Length <= MostPeriods, ErrorClass.LimitCount, at, $"at most {MostPeriods} periods");
            if (refusals.Count == before && CompiledTariff.Trial(tariff, schedule).FirstGap() is { } gap)
            {
                Require(false, ErrorClass.SemanticReference, at, $"no rule says which period holds at {gap}; add a last rule without conditions for the rest of the time");
            }
        });
    }

    private void Rule(ScheduleRule rule, string at)
    {
        Require(rule.Months.All(m => m is >= 1 and <= 12), ErrorClass.SemanticNumber, $"{at}/months", "months are 1..12");
        Each(rule.Seasons, $"{at}/seasons", (name, where) => Require(
            tariff.Seasons.Any(s => s.Id == name), ErrorClass.SemanticReference, where,
                $"there is no season '{SafeText.Short(name)}' under seasons; {Spelling.Hint(name, tariff.Seasons.Select(s => s.Id))}"));
        Each(rule.DayTypes, $"{at}/dayTypes", (name, where) => Require(
            tariff.DayTypes.Any(d => d.Id == name), ErrorClass.SemanticReference, where,
                $"there is no day type '{SafeText.Short(name)}' under dayTypes; {Spelling.Hint(name, tariff.DayTypes.Select(d => d.Id))}"));
        Require(rule.From.Minutes < 1440, ErrorClass.SemanticTime, $"{at}/from", "a rule starts at 23:59 at the latest");
        Require(rule.From.Minutes != rule.Until.Minutes, ErrorClass.SemanticTime, $"{at}/until", "the rule is empty: until equals from");
        Require(
            rule.Event is null || (rule.From == DayTime.Midnight && rule.Until == DayTime.EndOfDay),
            ErrorClass.SemanticTime,
            at,
            "an event rule holds while the event lasts; leave from and until out");
    }

    private void Charges()
    {
        var ids = tariff.Energy.Select(c => c.Id).Concat(tariff.Demand.Select(c => c.Id)).Concat(tariff.Subscriptions.Select(c => c.Id))
            .Concat(tariff.ContractedPower.Select(c => c.Id)).Concat(tariff.Reactive.Select(c => c.Id)).Concat(tariff.Fixed.Select(c => c.Id))
            .Concat(tariff.Minimums.Select(c => c.Id)).Concat(tariff.Adjustments.Select(c => c.Id))
            .Concat(tariff.Riders.Select(c => c.Id)).Concat(tariff.Maximums.Select(c => c.Id)).Concat(tariff.HoursOfUse.Select(c => c.Id)).ToImmutableArray();
        Unique(ids, "/");
        Require(ids.Length <= MostCharges, ErrorClass.LimitCount, "/", $"at most {MostCharges} charges");
        Each(tariff.Energy, "/energy", Energy);
        Each(tariff.Demand, "/demand", CheckDemand);
        Each(tariff.Subscriptions, "/subscriptions", (charge, at) =>
        {
            Require(charge.BlockKw > 0, ErrorClass.SemanticNumber, $"{at}/blockKw", "a block has more than 0 kW");
            Window(charge.Window, $"{at}/window");
        });
        Each(tariff.ContractedPower, "/contractedPower", (charge, at) =>
        {
            References(charge.Schedule, charge.Rates.Select(r => r.Period), at, all: false);
            Window(charge.Window, $"{at}/window");
            Require(
                charge.Rule == ContractedPowerRule.Maximeter || charge.Rates.All(r => r.ExcessPrice is not null),
                ErrorClass.SemanticReference,
                $"{at}/rates",
                "the excess rule needs an excessPrice in every rate");
        });
        Each(tariff.Reactive, "/reactive", (charge, at) => Window(charge.Window, $"{at}/window"));
        if (tariff.BillingDemand is { } billing)
        {
            References(billing.Schedule, billing.Periods, "/billingDemand", all: false);
            Window(billing.Window, "/billingDemand/window");
            Ratchets(billing.Ratchet, billing.Schedule, "/billingDemand/ratchet");
        }

        Require(tariff.Export is not { NetWithinMinutes: not null and not (15 or 30 or 60) }, ErrorClass.SemanticNumber, "/export/netWithinMinutes",
            "import and export are netted within 15, 30 or 60 minutes");
        Require(tariff.Export is not { NetWithinMinutes: not null, Mode: not ExportMode.NetBilling }, ErrorClass.SemanticReference, "/export/netWithinMinutes",
            "netting within an hour belongs to netBilling: netMetering nets the whole billing period, and the other modes net nothing");
        if (SellingCharge.FindConflict(tariff) is { } mix)
        {
            // Stored tariffs may have it: they stay readable, and a bill of exported energy is refused.
            warnings.Add(new Finding(ErrorClass.SemanticReference, "/export/sellPrice", $"exported energy cannot be billed: {mix}"));
        }

        Require(tariff.Export is not { TrueUpMonth: < 1 or > 12 }, ErrorClass.SemanticNumber, "/export/trueUpMonth", "months are 1..12");
        Terms(ids);
        Bases(ids);
    }

    private static readonly string[] LineKinds = ["energy", "demand", "fixed", "minimum", "export", "adjustment", "tax"];

    private void Bases(ImmutableArray<string> ids)
    {
        Each(tariff.Adjustments, "/adjustments", (adjustment, at) => Each(adjustment.Base, $"{at}/base", (name, where) => Require(
            LineKinds.Contains(name) || ids.Contains(name),
            ErrorClass.SemanticReference,
            where,
            $"'{SafeText.Short(name)}' is neither a kind of line nor the id of a charge; {Spelling.Hint(name, LineKinds.Concat(ids))}")));
    }

    private void Unique(IEnumerable<string> names, string at)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in names.Where(name => !seen.Add(name)))
        {
            Require(false, ErrorClass.DuplicateId, at, $"the id '{SafeText.Short(name)}' stands twice; ids are unique among all charges");
        }
    }

    private static void Each<T>(ImmutableArray<T> items, string at, Action<T, string> check)
    {
        for (var i = 0; i < items.Length; i++)
        {
            check(items[i], $"{at}/{i}");
        }
    }

    private bool Require(bool holds, ErrorClass errorClass, string at, string detail)
    {
        if (!holds)
        {
            refusals.Add(new ReadError(errorClass, at, detail));
        }

        return holds;
    }
}
