using System.Globalization;
using GridServices.Operations.Programs;
using GridServices.Operations.Registry;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Operations.Enrollments;

public enum EligibilityColour
{
    Green,

    /// <summary>Possible once something is done or found out.</summary>
    Amber,

    Red,
}

/// <summary>One reason that speaks against a site.</summary>
/// <param name="Colour">Amber or red.</param>
/// <param name="Code">Stable word, such as <c>eligibility.country</c>.</param>
/// <param name="Text">In English.</param>
/// <param name="ForEver">True: nothing that the applicant does changes it.</param>
public sealed record EligibilityReason(EligibilityColour Colour, string Code, string Text, bool ForEver = false);

/// <summary>Whether a site may be in a program, and why not.</summary>
public sealed record Eligibility(EligibilityColour Colour, ValueList<EligibilityReason> Reasons)
{
    /// <param name="template">The program.</param>
    /// <param name="site">The site.</param>
    /// <param name="meters">Its meter points.</param>
    /// <param name="conflicts">See <see cref="DualParticipation"/>.</param>
    /// <param name="offeredKw">What would be nominated; null = not known yet.</param>
    /// <param name="today">In the program's zone.</param>
    public static Eligibility Evaluate(ProgramTemplate template, Site site, IReadOnlyCollection<MeterPoint> meters, IReadOnlyCollection<DualConflict> conflicts, decimal? offeredKw, LocalDate today)
    {
        ArgumentNullException.ThrowIfNull(template);
        ArgumentNullException.ThrowIfNull(site);
        var reasons = Place(template, site)
            .Concat(Meters(template, meters, today))
            .Concat(Amount(template, offeredKw))
            .Concat(conflicts.Select(c => new EligibilityReason(EligibilityColour.Red, "eligibility.dual", c.Text)))
            .Concat(ConnectionLimit.Compute(site).Actions.Select(a => new EligibilityReason(EligibilityColour.Amber, a.Code, a.Text)))
            .ToValueList();
        return new Eligibility(reasons.Select(r => r.Colour).DefaultIfEmpty(EligibilityColour.Green).Max(), reasons);
    }

    private static IEnumerable<EligibilityReason> Place(ProgramTemplate template, Site site)
    {
        if (template.Country is { } country && !string.Equals(site.Address.Country, country, StringComparison.OrdinalIgnoreCase))
        {
            yield return new EligibilityReason(EligibilityColour.Red, "eligibility.country", $"the program is for sites in {country}, this one is in {site.Address.Country}", ForEver: true);
        }
        else if (template.Regions.Count > 0 && site.Address.Region is null)
        {
            yield return new EligibilityReason(EligibilityColour.Amber, "eligibility.regionUnknown", $"the program is for {string.Join(", ", template.Regions)}; state the region in the site's address");
        }
        else if (template.Regions.Count > 0 && !template.Regions.Contains(site.Address.Region!, StringComparer.OrdinalIgnoreCase))
        {
            yield return new EligibilityReason(EligibilityColour.Red, "eligibility.region", $"the program is for {string.Join(", ", template.Regions)}, this site is in {site.Address.Region}", ForEver: true);
        }
    }

    private static IEnumerable<EligibilityReason> Meters(ProgramTemplate template, IReadOnlyCollection<MeterPoint> meters, LocalDate today)
    {
        var fitting = meters.Where(m => template.MeterSchemes.Count == 0 || template.MeterSchemes.Contains(m.Scheme)).ToList();
        if (fitting.Count == 0)
        {
            yield return new EligibilityReason(EligibilityColour.Amber, "eligibility.meterMissing", "the site has no meter point of this utility yet; add it");
            yield break;
        }

        foreach (var meter in fitting)
        {
            foreach (var reason in Data(template, meter, today))
            {
                yield return reason;
            }
        }
    }

    private static IEnumerable<EligibilityReason> Data(ProgramTemplate template, MeterPoint meter, LocalDate today)
    {
        if (template.Limits.MaxIntervalMinutes is { } longest && (meter.IntervalMinutes is null || meter.IntervalMinutes > longest.Value))
        {
            yield return new EligibilityReason(EligibilityColour.Amber, "eligibility.interval", $"meter {meter.Identifier}: values of at most {longest.Value} min are needed, {(meter.IntervalMinutes is { } has ? $"it gives {has} min" : "how often it gives them is not known")}");
        }

        if (template.Limits.MinIntervalDataDays is { } days && (meter.IntervalDataSince is not { } since || since.PlusDays(days.Value) > today))
        {
            yield return new EligibilityReason(EligibilityColour.Amber, "eligibility.dataDays", $"meter {meter.Identifier}: {days.Value} days of interval data are needed, {(meter.IntervalDataSince is { } first ? $"they begin on {first:yyyy-MM-dd}" : "none are known")}");
        }
    }

    private static IEnumerable<EligibilityReason> Amount(ProgramTemplate template, decimal? offered)
    {
        if (offered is { } kw && template.Limits is { MinKw: { } least, MinKwOfPortfolio: false } && kw < least.Value)
        {
            yield return new EligibilityReason(EligibilityColour.Red, "eligibility.minKw", string.Create(CultureInfo.InvariantCulture, $"at least {least.Value} kW must be offered, this is {kw} kW"));
        }

        if (offered is { } amount && template.Limits.MaxKw is { } most && amount > most.Value)
        {
            yield return new EligibilityReason(EligibilityColour.Red, "eligibility.maxKw", string.Create(CultureInfo.InvariantCulture, $"at most {most.Value} kW may be offered, this is {amount} kW"));
        }
    }
}
