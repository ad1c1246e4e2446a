using System.Collections.Immutable;
using GridServices.Contracts;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Time;
using GridServices.Wire;

namespace GridServices.Tariffs.Requests;

/// <summary>
/// The names that an account, events and prices may refer to: those of the tariffs they are billed with (all versions, all alternatives). A name that leads
/// nowhere would change the bill without a word, so it is refused with the nearest one.
/// </summary>
internal sealed class TariffNames(IReadOnlyCollection<Tariff> tariffs)
{
    private const string All = "all";

    public IEnumerable<ReadError> Check(Account account, string at) =>
    [
        .. CheckNames(account.SubscribedBlocks.Keys, tariffs.SelectMany(t => t.Subscriptions).Select(c => c.Id), $"{at}/subscribedBlocks", "subscription"),
        .. CheckNames(account.ContractedKw.Keys, tariffs.SelectMany(t => t.ContractedPower).SelectMany(c => c.Rates.Select(r => $"{c.Id}/{r.Period}")), $"{at}/contractedKw",
        "contracted power (charge/period)"),
        .. CheckNames(account.HoursOfUse.Keys, tariffs.SelectMany(t => t.HoursOfUse).Select(c => c.Id), $"{at}/hoursOfUse", "hours-of-use charge"),
        .. CheckNames(account.OpeningKwh.Keys, tariffs.SelectMany(t => t.Energy).SelectMany(c => Periods(c.Schedule).SelectMany(p => new[] { p, $"{c.Id}/{p}" })), $"{at}/openingKwh", "energy period"),
        .. account.PriorPeaks.SelectMany((peak, i) => Check(peak, $"{at}/priorPeaks/{i}")),
        .. account.CoincidentTags.SelectMany((tag, i) => tag.Charge is null ? [] : CheckName(
            tag.Charge, tariffs.SelectMany(t => t.Demand).Where(c => c.Coincident is not null).Select(c => c.Id), $"{at}/coincidentTags/{i}/charge", "coincident charge")),
    ];

    public IEnumerable<ReadError> Check(IReadOnlyList<CalledEvent> events, string at)
    {
        var kinds = tariffs.SelectMany(t => t.Demand).Select(c => c.Coincident?.Event)
            .Concat(tariffs.SelectMany(t => t.Schedules).SelectMany(s => s.Rules).Select(r => r.Event)).OfType<string>().ToArray();
        return events.SelectMany((e, i) => CheckName(e.Kind, kinds, $"{at}/{i}/kind", "kind of event"));
    }

    public IEnumerable<ReadError> Check(IReadOnlyList<PriceCurve> prices, string at)
    {
        var series = tariffs.SelectMany(t => t.Energy).Select(c => c.Index?.Series).OfType<string>().ToArray();
        return prices.SelectMany((p, i) => CheckName(p.Series, series, $"{at}/{i}/series", "price series"));
    }

    private IEnumerable<ReadError> Check(PriorPeak peak, string at)
    {
        var charges = tariffs.SelectMany(t => t.Demand.Select(c => c.Id).Concat(t.Fixed.Where(f => !f.Classes.IsEmpty).Select(f => f.Id)).Concat(t.HoursOfUse.Select(h => h.Id))).ToArray();
        var wrong = peak.Charge is null ? [] : CheckName(peak.Charge, charges, $"{at}/charge", "demand charge").ToArray();
        var periods = tariffs.SelectMany(t => t.Demand.Where(c => peak.Charge is null || c.Id == peak.Charge).Select(c => c.Schedule).Append(t.BillingDemand?.Schedule)).SelectMany(Periods)
            .Concat(tariffs.Any(t => t.HoursOfUse.Length > 0 || t.Fixed.Any(f => !f.Classes.IsEmpty)) ? [All] : []);
        return wrong.Length > 0 || peak.Period is null ? wrong : CheckName(peak.Period, periods, $"{at}/period", "period of its charge");
    }

    private IEnumerable<string> Periods(string? schedule) => schedule is null
        ? [All]
        : tariffs.SelectMany(t => t.Schedules).Where(s => s.Id == schedule).SelectMany(s => s.Rules).Select(r => r.Period);

    private static IEnumerable<ReadError> CheckNames(IEnumerable<string> written, IEnumerable<string> known, string at, string what)
    {
        var names = known.ToArray();
        return written.SelectMany(name => CheckName(name, names, $"{at}/{AccountRules.Escaped(name)}", what));
    }

    private static IEnumerable<ReadError> CheckName(string written, IEnumerable<string> known, string at, string what)
    {
        var names = known.Distinct(StringComparer.Ordinal).ToImmutableArray();
        return names.Contains(written, StringComparer.Ordinal)
            ? []
            : [new ReadError(ErrorClass.SemanticReference, at, $"the tariff has no {what} '{SafeText.Short(written)}'; {Spelling.Hint(written, names)}")];
    }
}
