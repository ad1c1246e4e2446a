using System.Collections.Immutable;
using GridServices.Contracts;
using GridServices.Tariffs.Model;
using GridServices.Wire;

namespace GridServices.Tariffs.Readers;

/// <summary>Shares, factors, dates and limits that charges may have.</summary>
internal sealed partial class TariffRules
{
    private const int MostMonths = 60;
    private const int HoursOfYear = 8784;
    private static readonly string[] CappedKinds = ["energy", "demand", "fixed", "export"];

    private void Terms(ImmutableArray<string> ids)
    {
        Each(tariff.Demand, "/demand", DemandTerms);
        Each(tariff.ContractedPower, "/contractedPower", ContractedTerms);
        Each(tariff.Energy, "/energy", (charge, at) =>
        {
            LossFactor(charge.LossFactor, at);
            Require(charge.LossFactor is null || tariff.Export is not { Mode: ExportMode.NetMetering }, ErrorClass.SemanticReference, $"{at}/lossFactor",
                "a loss factor beside net metering leaves open whether import is netted before or after it; leave it out and put it into the prices");
        });
        LossFactor(tariff.BillingDemand?.LossFactor, "/billingDemand");
        Each(tariff.Fixed, "/fixed", Classes);
        Each(tariff.HoursOfUse, "/hoursOfUse", Pairs);
        Each(tariff.Maximums, "/maximums", Maximum);
        Each(tariff.Riders, "/riders", RiderTerms);
        Each(tariff.Adjustments, "/adjustments", (adjustment, at) =>
        {
            Each(adjustment.Except, $"{at}/except", (name, where) => Known(name, [.. LineKinds, .. ids], where));
            Exempt(adjustment.ExemptKwh, adjustment.ExemptPercent, at);
        });
        Require(
            tariff.Proration is not { } rule || (rule.WholeFromDays is null == rule.WholeUntilDays is null && !(rule.WholeFromDays < 1) && !(rule.WholeFromDays > rule.WholeUntilDays)),
            ErrorClass.SemanticNumber,
            "/proration",
            "give both wholeFromDays and wholeUntilDays, of which the first is at least 1 and not above the second; or neither");
    }

    private void DemandTerms(DemandCharge charge, string at)
    {
        PowerFactor(charge.PowerFactor, charge.Basis, at);
        LossFactor(charge.LossFactor, at);
        var isPlain = charge is { Coincident: null, Assess: DemandAssessment.BillingPeriod };
        Require(isPlain || charge.Basis == DemandBasis.Kw, ErrorClass.SemanticReference, $"{at}/basis",
            "kVA are known for demand assessed per billing period only; set basis kw, or leave assess and coincident out");
        Require(isPlain || charge.PowerFactorLimit is null, ErrorClass.SemanticReference, $"{at}/powerFactorLimit",
            "the power factor counts for demand assessed per billing period only; leave powerFactorLimit, or assess and coincident, out");
        Require(isPlain || charge.Ratchet is null, ErrorClass.SemanticReference, $"{at}/ratchet", "a ratchet is for demand assessed per billing period only; leave it, or assess and coincident, out");
        Require(isPlain || charge.Mean is null, ErrorClass.SemanticReference, $"{at}/mean", "a mean of months is for demand assessed per billing period only; leave it, or assess and coincident, out");
        Require(isPlain || charge.Seasons is null, ErrorClass.SemanticReference, $"{at}/seasons", "seasons are for demand assessed per billing period only; leave it, or assess and coincident, out");
        Require(charge.Coincident is null || charge.LossFactor is null, ErrorClass.SemanticReference, $"{at}/lossFactor",
            "kW at called peaks are billed as they are; put the loss factor into the price or the tags");
        var share = charge.GraceCycles is not null ? "graceCycles" : !charge.PhaseIn.IsEmpty ? "phaseIn" : !charge.LoadFactorShares.IsEmpty ? "loadFactorShares" : null;
        Require(isPlain || share is null, ErrorClass.SemanticReference, $"{at}/{share}",
            "a share of the price is for demand assessed per billing period only; leave it, or assess and coincident, out");
        Require(charge.GraceCycles is null or (>= 1 and <= MostMonths), ErrorClass.SemanticNumber, $"{at}/graceCycles", $"grace is 1 to {MostMonths} billing cycles");
        Rising(charge.PhaseIn.Select(s => (decimal)s.UntilMonths), $"{at}/phaseIn", "untilMonths");
        Rising(charge.LoadFactorShares.Select(s => s.UpTo), $"{at}/loadFactorShares", "upTo");
        Require(charge.LoadFactorShares.All(s => s.UpTo < 1), ErrorClass.SemanticNumber, $"{at}/loadFactorShares", "a load factor is below 1 (0.25 = 25 %); above the last upTo the whole price holds");
        Each(charge.PhaseIn, $"{at}/phaseIn", (step, where) => Require(IsPercent(step.Percent), ErrorClass.SemanticNumber, $"{where}/percent", "a share of the price is 0 to 100 percent"));
        Each(charge.LoadFactorShares, $"{at}/loadFactorShares",
            (step, where) => Require(IsPercent(step.Percent), ErrorClass.SemanticNumber, $"{where}/percent", "a share of the price is 0 to 100 percent"));
    }

    private void ContractedTerms(ContractedPower charge, string at)
    {
        PowerFactor(charge.PowerFactor, charge.Basis ?? DemandBasis.Kw, at);
        var isRoot = charge.Rule == ContractedPowerRule.SquareRootExcess;
        Require(!isRoot || charge.Basis != DemandBasis.Kva, ErrorClass.SemanticReference, $"{at}/basis", "the square-root excess is over kW; leave basis out");
        Each(charge.Rates, $"{at}/rates", (rate, where) => Require(
            rate.ExcessCoefficient is null || (isRoot && rate.ExcessCoefficient > 0), ErrorClass.SemanticNumber, $"{where}/excessCoefficient",
                "a coefficient is above 0 and belongs to rule squareRootExcess; leave it out elsewhere"));
    }

    private void Classes(FixedCharge charge, string at)
    {
        Rising(charge.Classes.Select(c => c.UpToKw), $"{at}/classes", "upToKw");
        Require(!charge.Classes.IsEmpty || (charge.Window is null && charge.LookbackMonths is null), ErrorClass.SemanticReference, at,
            "window and lookbackMonths are for classes; give classes, or leave them out");
        Require(charge.LookbackMonths is null or (>= 0 and <= MostMonths), ErrorClass.SemanticNumber, $"{at}/lookbackMonths", $"the lookback is 0 to {MostMonths} months");
        Window(charge.Window, $"{at}/window");
    }

    private void Pairs(HoursOfUseCharge charge, string at)
    {
        Ascending([.. charge.Pairs.Select(p => p.UpToHours)], $"{at}/pairs");
        Require(charge.Pairs.All(p => p.UpToHours is null or <= HoursOfYear), ErrorClass.SemanticNumber, $"{at}/pairs", $"hours of use of a year are at most {HoursOfYear}");
        Each(charge.Pairs, $"{at}/pairs", (pair, where) => Plausible(pair.EnergyPrice, ImplausibleEnergyPrice, "kWh", $"{where}/energyPrice"));
        Window(charge.Window, $"{at}/window");
    }

    private void Maximum(MaximumCharge maximum, string at)
    {
        Require(maximum.PerKwh is null != maximum.Amount is null, ErrorClass.SchemaInvalid, at, "give either perKwh or amount");
        Require(maximum.PerKwh is null or >= 0 && maximum.Amount is null or >= 0, ErrorClass.SemanticNumber, at, "a maximum is 0 or more");
        Require(maximum.Per != MinimumPer.Year, ErrorClass.SemanticCode, $"{at}/per", "a maximum is per month or day");
        var charges = tariff.Energy.Select(c => c.Id).Concat(tariff.Demand.Select(c => c.Id)).Concat(tariff.Subscriptions.Select(c => c.Id)).Concat(tariff.ContractedPower.Select(c => c.Id))
            .Concat(tariff.Reactive.Select(c => c.Id)).Concat(tariff.Fixed.Select(c => c.Id)).Concat(tariff.HoursOfUse.Select(c => c.Id));
        Each(maximum.Base, $"{at}/base", (name, where) => Known(name, [.. CappedKinds, .. charges], where));
    }

    private void RiderTerms(Rider rider, string at)
    {
        Require(!(rider.EffectiveFrom >= rider.EffectiveUntil), ErrorClass.SemanticTime, $"{at}/effectiveUntil",
            "the rider ends before it starts; effectiveUntil is the first day on which it no longer holds");
        Require(rider.Per == RiderPer.Kw == !rider.Of.IsEmpty, ErrorClass.SemanticReference, $"{at}/of", "a rider per kW names the demand charges whose kW it is on; any other names none");
        Each(rider.Of, $"{at}/of", (name, where) => Known(name, [.. tariff.Demand.Where(d => d is { Coincident: null, Assess: DemandAssessment.BillingPeriod }).Select(d => d.Id)], where));
        Require(tariff.Demand.Where(d => rider.Of.Contains(d.Id)).Select(d => d.Basis).Distinct().Count() <= 1, ErrorClass.SemanticReference, $"{at}/of",
            "kW and kVA do not add up; give a rider for each");
        Require(rider.Per == RiderPer.Kwh || (rider.LossFactor is null && rider.ExemptKwh is null && rider.ExemptPercent is null), ErrorClass.SemanticReference, at,
            "lossFactor, exemptKwh and exemptPercent are for riders per kWh; leave them out");
        LossFactor(rider.LossFactor, at);
        Exempt(rider.ExemptKwh, rider.ExemptPercent, at);
        if (rider.Per is RiderPer.Kwh or RiderPer.Kw)
        {
            Plausible(rider.Price, rider.Per == RiderPer.Kwh ? ImplausibleEnergyPrice : ImplausibleDemandPrice, rider.Per == RiderPer.Kwh ? "kWh" : "kW", $"{at}/price");
        }
    }

    private void PowerFactor(decimal? factor, DemandBasis basis, string at)
    {
        Require(factor is null or (> 0 and <= 1), ErrorClass.SemanticNumber, $"{at}/powerFactor", "a power factor is above 0 and at most 1");
        Require(factor is null || basis == DemandBasis.Kva, ErrorClass.SemanticReference, $"{at}/powerFactor", "a stated power factor turns kW into kVA; set basis kva, or leave it out");
    }

    private void LossFactor(decimal? factor, string at) =>
        Require(factor is null or (> 0 and <= 2), ErrorClass.SemanticNumber, $"{at}/lossFactor", "a loss factor is above 0 and at most 2: 1.02 = two percent are added to what was metered");

    private void Exempt(decimal? kwh, decimal? percent, string at)
    {
        Require(kwh is null or > 0, ErrorClass.SemanticNumber, $"{at}/exemptKwh", "kWh that are exempt are above 0");
        Require(percent is null || IsPercent(percent.Value), ErrorClass.SemanticNumber, $"{at}/exemptPercent", "an exempt share is 0 to 100 percent");
    }

    private void Rising(IEnumerable<decimal> bounds, string at, string member)
    {
        var all = bounds.ToArray();
        Require(all.All(b => b > 0) && all.Zip(all.Skip(1)).All(p => p.First < p.Second), ErrorClass.SemanticTier, at, $"{member} is above 0 and rises from one to the next");
    }

    private void Known(string name, string[] known, string at) =>
        Require(known.Contains(name), ErrorClass.SemanticReference, at, $"'{SafeText.Short(name)}' is not among what can be named here; {Spelling.Hint(name, known)}");

    private static bool IsPercent(decimal percent) => percent is >= 0 and <= 100;
}
