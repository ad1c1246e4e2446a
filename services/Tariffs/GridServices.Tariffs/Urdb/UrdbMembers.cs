using System.Collections.Immutable;

namespace GridServices.Tariffs.Urdb;

/// <summary>The member names of OpenEI's rate database (v3 to v8). Others are told where they look like one of these written wrong: a misspelt structure is a charge that is not billed.</summary>
internal static class UrdbMembers
{
    public static readonly ImmutableArray<string> Rate =
    [
        "label", "uri", "approved", "is_default", "startdate", "enddate", "name", "utility", "eiaid", "country", "sector", "servicetype", "description", "source", "sourceparent", "sourcereference",
        "basicinformationcomments", "energycomments", "demandcomments", "energyattrs", "demandattrs", "fixedattrs", "supersedes", "revisions", "changedby", "timezone",
        "usenetmetering", "dgrules", "peakkwcapacitymin", "peakkwcapacitymax", "peakkwcapacityhistory", "peakkwhusagemin", "peakkwhusagemax", "peakkwhusagehistory", "voltageminimum",
        "voltagemaximum", "voltagecategory", "phasewiring", "energyratestructure", "energyweekdayschedule", "energyweekendschedule", "fueladjustmentsmonthly", "demandrateunit", "demandunits",
        "demandratestructure", "demandweekdayschedule", "demandweekendschedule", "demandratchetpercentage", "demandwindow", "demandreactivepowercharge", "flatdemandunit", "flatdemandstructure",
        "flatdemandmonths", "coincidentrateunit", "coincidentratestructure", "coincidentrateschedule", "coincidentschedule", "lookbackPercent", "lookbackpercent", "lookbackMonths", "lookbackmonths",
        "lookbackRange", "lookbackrange", "fixedchargefirstmeter", "fixedchargeeaaddl", "fixedchargeunits", "fixedmonthlycharge", "mincharge", "minchargeunits", "minmonthlycharge", "annualmincharge",
        .. Enumerable.Range(1, 12).SelectMany(m => new[] { $"flatdemandmonth{m}", $"lookbackmonth{m}" }),
    ];

    public static readonly ImmutableArray<string> Tier = ["rate", "max", "unit", "adj", "sell"];
}
