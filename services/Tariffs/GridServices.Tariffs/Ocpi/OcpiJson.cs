using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Readers;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Tariffs.Ocpi;

/// <summary>
/// OCPI tariffs of 2.1.1, 2.2.1 and 2.3.0. The versions differ in members, not in meaning: <c>excl_vat</c> and <c>before_taxes</c> are the same
/// total, <c>vat</c> came with 2.2, <c>tax_included</c> with 2.3. All become one domain record. Unknown members are allowed by the protocol; those that could
/// change a price are told as warnings.
/// </summary>
public static class OcpiJson
{
    public static ReadResult<OcpiTariff> ReadTariff(ReadOnlyMemory<byte> json) =>
        ReadProblems.Read(json, TariffJson.Bounds, (root, problems) => new OcpiTariffReader(problems).Tariff(root));

    /// <summary>A CDR's session, in the zone of its location.</summary>
    public static ReadResult<OcpiSession> ReadCdr(ReadOnlyMemory<byte> json, DateTimeZone zone) =>
        ReadProblems.Read(json, TariffJson.Bounds with { MaxTokens = 400_000 }, (root, problems) => new OcpiCdrReader(problems, zone).Session(root));
}

internal sealed class OcpiTariffReader(ReadProblems problems)
{
    public OcpiTariff? Tariff(JsonMember root)
    {
        if (!root.IsObject || root.Member("elements") is not { } elements)
        {
            problems.Refuse(ErrorClass.SchemaInvalid, root.Pointer, "a tariff is an object with elements");
            return null;
        }

        var currency = root.Member("currency")?.Text() ?? string.Empty;
        if (!Currencies.IsCode(currency))
        {
            problems.Refuse(ErrorClass.Unit, $"{root.Pointer}/currency", Currencies.Unknown(currency));
        }

        OcpiMembers.Report(root, OcpiMembers.Tariff, nearOnly: true, problems);
        var (least, most) = (Limit(root.Member("min_price")), Limit(root.Member("max_price")));
        if (most?.BeforeTaxes < least?.BeforeTaxes || most?.AfterTaxes < least?.AfterTaxes)
        {
            problems.Refuse(ErrorClass.SemanticNumber, $"{root.Pointer}/max_price", "the highest price of a session is below its lowest, min_price; correct one of them");
        }

        return new OcpiTariff
        {
            Id = root.Member("id")?.Text() ?? string.Empty,
            Currency = currency,
            Elements = [.. elements.Items().Select(Element)],
            MinPrice = least,
            MaxPrice = most,
            TaxIncluded = root.Member("tax_included") is { } tax ? Tax(tax) : OcpiTax.No,
            Start = root.Member("start_date_time")?.Instant(),
            End = root.Member("end_date_time")?.Instant(),
        };
    }

    private OcpiTax Tax(JsonMember member)
    {
        switch (member.Text())
        {
            case "YES":
                return OcpiTax.Yes;
            case "NO":
                return OcpiTax.No;
            case "N/A" or "NA" or "N_A":
                return OcpiTax.NotApplicable;
            default:
                problems.Refuse(ErrorClass.SemanticCode, member.Pointer, "YES, NO or N/A is wanted here");
                return OcpiTax.No;
        }
    }

    private static OcpiLimit? Limit(JsonMember? limit) => limit switch
    {
        null => null,
        { IsObject: true } => new OcpiLimit(
            (limit.Member("before_taxes") ?? limit.Member("excl_vat"))?.Number(),
            (limit.Member("after_taxes") ?? limit.Member("incl_vat"))?.Number()),
        _ => new OcpiLimit(limit.Number(), null),
    };

    private OcpiElement Element(JsonMember element)
    {
        OcpiMembers.Report(element, OcpiMembers.Element, nearOnly: false, problems);
        var components = element.Member("price_components")?.Items() ?? [];
        if (components.IsEmpty)
        {
            problems.Refuse(ErrorClass.SchemaInvalid, element.Pointer, "an element needs price_components");
        }

        return new OcpiElement([.. components.Select(Component)], element.Member("restrictions") is { } r ? [.. Restrictions(r)] : []);
    }

    private OcpiComponent Component(JsonMember component)
    {
        OcpiMembers.Report(component, OcpiMembers.Component, nearOnly: false, problems);
        var type = component.Member("type");
        var dimension = type?.Text() switch
        {
            "ENERGY" => OcpiDimension.Energy,
            "FLAT" => OcpiDimension.Flat,
            "PARKING_TIME" => OcpiDimension.ParkingTime,
            "TIME" => OcpiDimension.Time,
            _ => Unknown(component),
        };
        var step = component.Member("step_size")?.Integer() ?? 1;
        if (step < 0)
        {
            problems.Refuse(ErrorClass.SemanticNumber, $"{component.Pointer}/step_size", "a step is at least 0");
        }

        if (component.Member("price") is not { } price)
        {
            problems.Refuse(ErrorClass.SchemaInvalid, component.Pointer, "price is missing; add it");
            return new OcpiComponent(dimension, 0, null, step);
        }

        return new OcpiComponent(dimension, price.Number(), component.Member("vat")?.Number(), step);
    }

    private OcpiDimension Unknown(JsonMember component)
    {
        problems.Refuse(ErrorClass.SemanticCode, $"{component.Pointer}/type", "ENERGY, FLAT, PARKING_TIME or TIME is wanted here");
        return OcpiDimension.Flat;
    }

    private IEnumerable<OcpiRestriction> Restrictions(JsonMember r)
    {
        OcpiMembers.Report(r, OcpiMembers.Restriction, nearOnly: false, problems);
        if (r.Member("start_time") is not null || r.Member("end_time") is not null)
        {
            yield return new OcpiRestriction.WallTime(Clock(r.Member("start_time"), DayTime.Midnight), Clock(r.Member("end_time"), DayTime.EndOfDay) is { Minutes: 0 } ? DayTime.EndOfDay : Clock(r.Member("end_time"), DayTime.EndOfDay));
        }

        if (r.Member("start_date") is not null || r.Member("end_date") is not null)
        {
            yield return new OcpiRestriction.Dates(Date(r.Member("start_date")), Date(r.Member("end_date")));
        }

        if (r.Member("day_of_week") is { } days && days.Items() is { IsEmpty: false } names)
        {
            yield return new OcpiRestriction.Weekdays([.. names.Select(Weekday)]);
        }

        foreach (var bound in Bounds(r))
        {
            yield return bound;
        }

        if (r.Member("reservation") is { } reservation)
        {
            var word = reservation.Text();
            if (word is not ("RESERVATION" or "RESERVATION_EXPIRES"))
            {
                problems.Warn(
                    ErrorClass.SemanticCode, reservation.Pointer, $"'{SafeText.Short(word)}' is not a word of OCPI; {Spelling.Hint(word, ["RESERVATION", "RESERVATION_EXPIRES"])} The element is taken as one for reservations, and prices no charging");
            }

            yield return new OcpiRestriction.Reservation(word == "RESERVATION_EXPIRES");
        }
    }

    private IEnumerable<OcpiRestriction> Bounds(JsonMember r)
    {
        if (Pair(r, "kwh") is { } kwh)
        {
            yield return new OcpiRestriction.Energy(kwh.From, kwh.Until);
        }

        if (Pair(r, "duration") is { } seconds)
        {
            yield return new OcpiRestriction.Elapsed(seconds.From, seconds.Until);
        }

        if (Pair(r, "power") is { } kw)
        {
            yield return new OcpiRestriction.Power(kw.From, kw.Until);
        }

        if (Pair(r, "current") is { } ampere)
        {
            yield return new OcpiRestriction.Current(ampere.From, ampere.Until);
        }
    }

    private (decimal? From, decimal? Until)? Pair(JsonMember r, string name)
    {
        var (from, until) = (r.Member($"min_{name}"), r.Member($"max_{name}"));
        if ((from ?? until) is null)
        {
            return null;
        }

        var (least, most) = (from?.Number(), until?.Number());
        if (most <= least)
        {
            problems.Refuse(ErrorClass.SemanticNumber, until!.Pointer, $"the element would never hold: max_{name} ({most}) is not above min_{name} ({least})");
        }

        return (least, most);
    }

    private DayTime Clock(JsonMember? member, DayTime otherwise)
    {
        if (member is null || DayTime.TryParse(member.Text(), out otherwise))
        {
            return otherwise;
        }

        problems.Refuse(ErrorClass.SemanticTime, member.Pointer, "a time HH:mm is wanted here");
        return DayTime.Midnight;
    }

    private LocalDate? Date(JsonMember? member)
    {
        if (member is null || LocalDatePattern.Iso.Parse(member.Text()) is not { Success: false } failed)
        {
            return member is null ? null : LocalDatePattern.Iso.Parse(member.Text()).Value;
        }

        problems.Refuse(ErrorClass.SemanticTime, member.Pointer, $"a date like 2026-03-29 is wanted here ({failed.Exception.GetType().Name})");
        return null;
    }

    private IsoDayOfWeek Weekday(JsonMember member)
    {
        if (Enum.TryParse<IsoDayOfWeek>(member.Text(), ignoreCase: true, out var day) && day != IsoDayOfWeek.None && !char.IsDigit(member.Text()[0]))
        {
            return day;
        }

        problems.Refuse(ErrorClass.SemanticCode, member.Pointer, "MONDAY to SUNDAY is wanted here");
        return IsoDayOfWeek.Monday;
    }
}
