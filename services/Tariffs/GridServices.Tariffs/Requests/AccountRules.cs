using System.Globalization;
using GridServices.Contracts;
using GridServices.Tariffs.Bills;
using GridServices.Wire;

namespace GridServices.Tariffs.Requests;

/// <summary>Values of an account that would turn a charge into a credit, or a day of a tag into none.</summary>
internal static class AccountRules
{
    /// <param name="account">The account.</param>
    /// <param name="at">Its pointer.</param>
    public static IEnumerable<ReadError> Check(Account account, string at) =>
    [
        .. Require(account.Meters >= 1, $"{at}/meters", "at least 1 meter"),
        .. account.SubscribedBlocks.SelectMany(b => Require(b.Value >= 0, $"{at}/subscribedBlocks/{Escaped(b.Key)}", "blocks are 0 or more")),
        .. account.ContractedKw.SelectMany(c => Require(c.Value >= 0, $"{at}/contractedKw/{Escaped(c.Key)}", "kW are 0 or more")),
        .. account.HoursOfUse.SelectMany(h => Require(h.Value is >= 0 and <= 8784, $"{at}/hoursOfUse/{Escaped(h.Key)}", "hours of use of a year are 0 to 8784")),
        .. account.PriorPeaks.SelectMany((p, i) => Require(p.Kw >= 0, FormatPointer(at, "priorPeaks", i, "kw"), "a peak is 0 kW or more")),
        .. account.CoincidentTags.SelectMany((t, i) => Require(t.Kw >= 0, FormatPointer(at, "coincidentTags", i, "kw"), "a tag has 0 kW or more; 0 says that there was no peak")),
        .. account.CoincidentTags.SelectMany((t, i) => Require(!(t.From >= t.Until), FormatPointer(at, "coincidentTags", i, "until"), "a tag holds from a day until a later one")),
        .. Require(account.OpeningCredit >= 0, $"{at}/openingCredit", "a credit is 0 or more; what is owed is no part of this bill"),
        .. account.OpeningKwh.SelectMany(k => Require(k.Value >= 0, $"{at}/openingKwh/{Escaped(k.Key)}", "kWh brought over are 0 or more")),
        .. Require(account.BilledThisYear >= 0, $"{at}/billedThisYear", "what was billed is 0 or more"),
    ];

    internal static string Escaped(string name) => name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    private static string FormatPointer(string at, string list, int index, string member) => string.Create(CultureInfo.InvariantCulture, $"{at}/{list}/{index}/{member}");

    private static ReadError[] Require(bool holds, string at, string detail) => holds ? [] : [new ReadError(ErrorClass.SemanticNumber, at, detail)];
}
