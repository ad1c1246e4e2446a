using System.Collections.Immutable;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.Tariffs.Demand;
using GridServices.Tariffs.Readers;
using GridServices.Tariffs.Requests;
using GridServices.Tariffs.Time;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Tariffs.Meters;

/// <summary>Reads what a person PUTs as a meter; every fault at once, with its place and how to fix it.</summary>
public static class MeterPlanJson
{
    private const long MostWatts = 1_000_000_000_000;
    private const int MostCaps = 20;
    private static readonly Duration Hour = Duration.FromHours(1);

    /// <param name="json">The body.</param>
    /// <param name="versions">The versions of the tariff it names; empty = there is none.</param>
    public static ReadResult<MeterPlan> Read(ReadOnlyMemory<byte> json, Func<string, ImmutableArray<CompiledTariff>> versions)
    {
        var read = TariffJson.Part<MeterPlan>(json);
        if (!read.Ok)
        {
            return read;
        }

        var plan = read.Value!;
        var faults = ImmutableArray.CreateBuilder<ReadError>();
        Check(plan, faults);
        if (faults.Count == 0)
        {
            Against(plan, versions(plan.TariffId), faults);
        }

        return new ReadResult<MeterPlan>(faults.Count == 0 ? plan : null, faults.ToImmutable(), []);
    }

    public static byte[] Write(MeterPlan plan) => JsonSerializer.SerializeToUtf8Bytes(plan, TariffJson.Options);

    /// <summary>A plan that was read and stored before.</summary>
    public static MeterPlan Stored(string json) => JsonSerializer.Deserialize<MeterPlan>(json, TariffJson.Options)!;

    private static void Check(MeterPlan plan, ImmutableArray<ReadError>.Builder faults)
    {
        void Require(bool holds, ErrorClass error, string at, string detail)
        {
            if (!holds)
            {
                faults.Add(new ReadError(error, at, detail));
            }
        }

        const string Id = "has 1 to 128 of A-Z a-z 0-9 . _ : ~ - and begins with a letter, digit or _";
        Require(Identifiers.IsSafe(plan.SiteId), ErrorClass.SemanticId, "/siteId", $"a site's id {Id}");
        Require(Identifiers.IsSafe(plan.TariffId), ErrorClass.SemanticId, "/tariffId", $"a tariff's id {Id}");
        Require(plan.AssetId is null || Identifiers.IsSafe(plan.AssetId), ErrorClass.SemanticId, "/assetId", $"an asset's id {Id}");
        Require(plan.LimitsAt is null || Identifiers.IsSafe(plan.LimitsAt.Id), ErrorClass.SemanticId, "/limitsAt/id", $"a target's id {Id}");
        Require(
            plan.LimitsAt is not { Kind: TargetKind.Site } || plan.LimitsAt.Id == plan.SiteId, ErrorClass.SemanticId, "/limitsAt/id",
                "a target of kind site is the site itself; write the siteId, or another kind");
        Require(
            plan.Interval >= Duration.FromMinutes(1) && plan.Interval <= Hour && Hour.TotalSeconds % plan.Interval.TotalSeconds == 0, ErrorClass.SemanticDuration,
                "/interval", "an interval divides the hour and has at least a minute: PT1M, PT5M, PT15M, PT30M, PT1H");
        Require(plan.ReadingDay is >= 1 and <= 28, ErrorClass.SemanticNumber, "/readingDay", "the day on which a billing cycle starts is 1 to 28");
        Require(plan.StaleAfter >= Duration.FromSeconds(1) && plan.StaleAfter <= Duration.FromDays(1), ErrorClass.SemanticDuration, "/staleAfter", "a meter is stale after PT1S to P1D");
        Watts(plan.TargetW, "/targetW", faults);
        Watts(plan.FailsafeW, "/failsafeW", faults);
        Watts(plan.PhysicalW, "/physicalW", faults);
        Require(plan.Target is null or TargetRule.PeakToDate || plan.TargetW is not null, ErrorClass.SchemaInvalid, "/targetW", "missing: a planned or fixed target needs its watts");
        Require(plan.Target is not TargetRule.PeakToDate || plan.TargetW is null, ErrorClass.SchemaInvalid, "/targetW",
            "with target peakToDate there is no planned peak; leave targetW out, or say planned or fixed");
        Require(
            plan.Obligation == Obligation.Advisory || plan.TargetW is not null, ErrorClass.SchemaInvalid, "/targetW",
                "a mandatory cap needs a planned peak: when a billing cycle starts, the peak to date is 0 and nothing would be allowed");
        Require(
            plan.Obligation == Obligation.Advisory || plan.FailsafeW is not null, ErrorClass.SchemaInvalid, "/failsafeW",
                "a mandatory cap needs a fail-safe: say what is allowed while the meter is silent");
        Require(plan.PowerFactor is null or (> 0 and <= 1), ErrorClass.SemanticNumber, "/powerFactor", "a power factor is above 0 and at most 1, e.g. 0.9");
        faults.AddRange(AccountRules.Check(plan.Account, "/account"));
        Caps(plan, faults);
        Prices(plan, faults);
        Excess(plan, faults);
        faults.AddRange(MeterTotal.Faults(plan));
    }

    private static void Watts(long? watts, string at, ImmutableArray<ReadError>.Builder faults)
    {
        if (watts is < 0 or > MostWatts)
        {
            faults.Add(new ReadError(ErrorClass.SemanticNumber, at, "watts are a whole number from 0 to 10^12"));
        }
    }

    private static void Caps(MeterPlan plan, ImmutableArray<ReadError>.Builder faults)
    {
        if (plan.Caps.Length > MostCaps)
        {
            faults.Add(new ReadError(ErrorClass.LimitCount, "/caps", $"at most {MostCaps} caps"));
            return;
        }

        for (var i = 0; i < plan.Caps.Length; i++)
        {
            var (cap, at) = (plan.Caps[i], $"/caps/{i}");
            Watts(cap.LimitW, $"{at}/limitW", faults);
            if (!Identifiers.IsSafe(cap.Id) || cap.Id is LiveMeter.PeakCap or ExcessRenewables.Stream or LiveMeter.EnergyPrice || plan.Caps.Take(i).Any(c => c.Id == cap.Id))
            {
                faults.Add(new ReadError(ErrorClass.SemanticId, $"{at}/id",
                    $"a cap's id names its stream: 1 to 128 of A-Z a-z 0-9 . _ : ~ -, once, and not {LiveMeter.PeakCap}, {ExcessRenewables.Stream} or {LiveMeter.EnergyPrice}"));
            }

            if (cap.Schedule is null != cap.Period is null)
            {
                faults.Add(new ReadError(ErrorClass.SchemaInvalid, at, "schedule and period stand together, or neither for a cap that always holds"));
            }
        }
    }

    private static void Excess(MeterPlan plan, ImmutableArray<ReadError>.Builder faults)
    {
        if (plan.ExcessRenewables is not { } excess)
        {
            return;
        }

        Watts(excess.DrawW, "/excessRenewables/drawW", faults);
        if (!Identifiers.IsSafe(excess.GridZone))
        {
            faults.Add(new ReadError(ErrorClass.SemanticId, "/excessRenewables/gridZone", "a zone's name has 1 to 128 of A-Z a-z 0-9 . _ : ~ - and begins with a letter, digit or _"));
        }

        if (excess.AtMostGrams is < 0 or > 5_000)
        {
            faults.Add(new ReadError(ErrorClass.SemanticNumber, "/excessRenewables/atMostGrams", "an intensity is 0 to 5,000 g/kWh"));
        }

        if (!plan.Publish)
        {
            faults.Add(new ReadError(ErrorClass.SchemaInvalid, "/excessRenewables", "a meter with publish: false says nothing to a controller; leave excessRenewables out, or publish"));
        }
    }

    private static void Prices(MeterPlan plan, ImmutableArray<ReadError>.Builder faults)
    {
        for (var i = 0; i < plan.ProgramPrices.Length; i++)
        {
            var parts = plan.ProgramPrices[i].Stream?.Split('/') ?? [];
            if (parts.Length != 2 || !parts.All(Identifiers.IsSafe))
            {
                faults.Add(new ReadError(ErrorClass.SemanticId, $"/programPrices/{i}/stream", "a stream is service/key, e.g. openadr/PROG7"));
            }
        }

        Events(plan.Events, "/events", faults);
        Events(plan.ForecastEvents, "/forecastEvents", faults);
    }

    private static void Events(ImmutableArray<CalledEvent> events, string at, ImmutableArray<ReadError>.Builder faults)
    {
        for (var i = 0; i < events.Length; i++)
        {
            if (events[i].From >= events[i].Until)
            {
                faults.Add(new ReadError(ErrorClass.SemanticTime, $"{at}/{i}/until", "an event ends after it starts"));
            }
        }
    }

    private static void Against(MeterPlan plan, ImmutableArray<CompiledTariff> versions, ImmutableArray<ReadError>.Builder faults)
    {
        if (versions.IsEmpty)
        {
            faults.Add(new ReadError(ErrorClass.UnknownId, "/tariffId", $"there is no tariff '{plan.TariffId}'; PUT /v1/tariffs/{plan.TariffId} first"));
            return;
        }

        var names = new TariffNames([.. versions.Select(v => v.Source)]);
        faults.AddRange(names.Check(plan.Account, "/account"));
        faults.AddRange(names.Check(plan.Events, "/events"));
        faults.AddRange(names.Check(plan.ForecastEvents, "/forecastEvents"));
        for (var i = 0; i < plan.Caps.Length; i++)
        {
            var cap = plan.Caps[i];
            var known = versions[0].Source.Schedules.FirstOrDefault(s => s.Id == cap.Schedule);
            if (cap.Schedule is not null && known?.Rules.Any(r => r.Period == cap.Period) != true)
            {
                faults.Add(new ReadError(ErrorClass.SemanticReference, $"/caps/{i}", known is null
                    ? $"the tariff has no schedule '{SafeText.Short(cap.Schedule)}'; {Spelling.Hint(cap.Schedule, versions[0].Source.Schedules.Select(s => s.Id))}"
                    : $"the schedule has no period '{SafeText.Short(cap.Period ?? "")}'; {Spelling.Hint(cap.Period ?? string.Empty, known.Rules.Select(r => r.Period))}"));
            }
        }
    }
}
