using System.Collections.Immutable;
using GridServices.Contracts;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Storage;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Demand;
using GridServices.Tariffs.Meters;
using GridServices.Tariffs.Requests;
using GridServices.Tariffs.Service.Calculations;
using GridServices.Tariffs.Service.Registry;
using NodaTime;

namespace GridServices.Tariffs.Service.Meters;

/// <summary><c>GET /v1/sites/{siteId}/demand</c>: where every demand window of the site's meters stands.</summary>
internal static class DemandEndpoint
{
    public static void MapDemand(this IEndpointRouteBuilder routes) => routes
        .MapGet("/v1/sites/{siteId}/demand", ReadAsync)
        .RequirePermission(Permission.SeeSites, Role.Publisher, Role.Controller).WithName("getDemand").WithTags("Meters")
        .WithSummary("Open windows, peaks to date, floors, headroom, and what one more kW would cost")
        .Produces<SiteDemand>();

    private static async Task<IResult> ReadAsync(string siteId, HttpContext http, Store store, TariffStore tariffs, IClock clock)
    {
        http.Caller().RequireSite(siteId);
        var (tenant, now) = (http.Caller().Tenant, clock.GetCurrentInstant());
        var found = await store.SnapshotAsync(
            async tx =>
            {
                var rows = await StreamStore.LiveAsync(tx, tenant, siteId);
                var all = ImmutableArray.CreateBuilder<MeterDemand>();
                foreach (var meter in await MeterStore.ListBySitesAsync(tx, tenant, [siteId]))
                {
                    var versions = await tariffs.CompiledAsync(tx, tenant, meter.Plan.TariffId);
                    if (!versions.IsEmpty)
                    {
                        all.Add(MeterDemand.Create(meter, LiveMeter.Advance(meter.Plan, versions, meter.Memory, [], now), rows, now));
                    }
                }

                return all.ToImmutable();
            },
            http.RequestAborted);
        return found.IsEmpty
            ? throw new ProblemException(ErrorClass.NotFound, $"Site '{siteId}' has no meter; PUT /v1/meters/{{meterId}} with this siteId first.")
            : Responses.Json(new SiteDemand(siteId, now, found));
    }
}

/// <summary>The demand of a site.</summary>
public sealed record SiteDemand(string SiteId, Instant AsOf, IReadOnlyList<MeterDemand> Meters);

/// <summary>Where a meter stands.</summary>
public sealed record MeterDemand
{
    public required string MeterId { get; init; }
    public required string TariffId { get; init; }
    public required string TariffVersion { get; init; }
    public required string Currency { get; init; }

    /// <summary>Up to here readings are taken in; absent = none yet.</summary>
    public Instant? AsOf { get; init; }

    /// <summary>Silent for longer than its plan trusts.</summary>
    public required bool Stale { get; init; }

    public required CycleRequestBody Cycle { get; init; }
    public required IReadOnlyList<ChargeDemand> Charges { get; init; }

    /// <summary>Called and forecast system peaks of the cycle and of the two days ahead, in order.</summary>
    public required IReadOnlyList<CalledPeakDemand> CalledPeaks { get; init; }

    /// <summary>Peaks of earlier months that ratchets look back to.</summary>
    public required IReadOnlyList<PriorPeak> PriorPeaks { get; init; }

    public required IReadOnlyList<PublishedLimit> Streams { get; init; }

    internal static MeterDemand Create(StoredMeter meter, MeterStep step, IReadOnlyList<StreamRow> rows, Instant now) => new()
    {
        MeterId = meter.MeterId,
        TariffId = step.Tariff.Source.Id,
        TariffVersion = step.Tariff.Source.Version,
        Currency = step.Tariff.Source.Currency,
        AsOf = step.Memory.AsOf,
        Stale = LiveMeter.IsStale(meter.Plan, step.Memory.AsOf, now),
        Cycle = new CycleRequestBody(step.Cycle.From, step.Cycle.Until),
        Charges = step.Memory.AsOf is null ? [] : [.. step.States.Select(s => ChargeDemand.Create(s, now))],
        CalledPeaks = [.. step.Calls.Select(c => CalledPeakDemand.Create(c, now))],
        PriorPeaks = [.. meter.Plan.Account.PriorPeaks, .. step.Memory.Peaks],
        Streams = [.. rows.Where(r => r.MeterId == meter.MeterId).Select(r => PublishedLimit.Create(r, now))],
    };
}

/// <summary>Where one demand charge, subscription or contracted power stands.</summary>
public sealed record ChargeDemand
{
    public required string Charge { get; init; }

    /// <summary>kW, or kVA: what is paid. Peak, floor, target and the window's least mean are in it; headroomKw is of kW in any case.</summary>
    public required string Unit { get; init; }

    /// <summary>The period of the window that binds; absent = nothing is to pay now.</summary>
    public string? Period { get; init; }

    public required Instant WindowStart { get; init; }
    public required Instant WindowEnd { get; init; }
    public required decimal EnergyInWindowKwh { get; init; }

    /// <summary>kVA: reactive energy of the window, as far as it was read; absent = none was.</summary>
    public decimal? KvarhInWindow { get; init; }

    /// <summary>kVA: what was taken for kvar that nobody has measured, which is never none.</summary>
    public string? Assumed { get; init; }

    /// <summary>Why headroomKw is absent although something is to pay.</summary>
    public string? Unknown { get; init; }

    /// <summary>kVA: finished windows of the cycle without kvar, which set no peak: it may be higher. Absent = none.</summary>
    public int? WindowsWithoutKvar { get; init; }

    /// <summary>Time of the window that no reading covers; it counts as drawn at the target.</summary>
    public required decimal UnknownSeconds { get; init; }

    public required decimal PeakToDateKw { get; init; }
    public Instant? PeakAt { get; init; }

    /// <summary>Billed anyway, by ratchet, minimum or contract.</summary>
    public required decimal FloorKw { get; init; }

    public required decimal TargetKw { get; init; }

    /// <summary>What may be drawn until the window ends.</summary>
    public decimal? HeadroomKw { get; init; }

    /// <summary>Import alone can no longer keep the window at the target.</summary>
    public bool? BreachCertain { get; init; }

    /// <summary>The window's mean if nothing more is drawn.</summary>
    public decimal? LeastWindowKw { get; init; }

    /// <summary>One kW (kVA) above what is paid for, in this cycle.</summary>
    public required decimal MarginalPrice { get; init; }

    /// <summary>The same with riders and taxes.</summary>
    public required decimal MarginalPriceWithTaxes { get; init; }

    /// <summary>The same over all months that a ratchet or mean would bill it.</summary>
    public required decimal MarginalPriceOverHorizon { get; init; }

    /// <summary>
    /// One kW above headroomKw from now until the window ends, in money: it lifts the window's mean by its share of the window only. With riders and taxes, over the horizon, without
    /// the energy's own price. Absent = no window is open that is to pay.
    /// </summary>
    public decimal? OneMoreKwUntilWindowEnd { get; init; }

    public required Instant NextReset { get; init; }

    internal static ChargeDemand Create(DemandState s, Instant now) => new()
    {
        Charge = s.Charge,
        Unit = s.IsApparent ? "kVA" : "kW",
        KvarhInWindow = s.KvarhInWindow is { } kvarh ? decimal.Round(kvarh, 6) : null,
        Assumed = s.Assumed,
        Unknown = s.Unknown,
        WindowsWithoutKvar = s.WindowsWithoutKvar == 0 ? null : s.WindowsWithoutKvar,
        Period = s.Period,
        WindowStart = s.WindowStart,
        WindowEnd = s.WindowEnd,
        EnergyInWindowKwh = decimal.Round(s.EnergyInWindowKwh, 6),
        UnknownSeconds = decimal.Round(s.UnknownSeconds, 3),
        PeakToDateKw = decimal.Round(s.PeakToDateKw, 6),
        PeakAt = s.PeakAt,
        FloorKw = decimal.Round(s.FloorKw, 6),
        TargetKw = decimal.Round(s.TargetKw, 6),
        HeadroomKw = s.Headroom is { } h ? decimal.Round(h.AllowableKw, 6) : null,
        BreachCertain = s.Headroom?.BreachCertain,
        LeastWindowKw = s.Headroom is { } l ? decimal.Round(l.LeastWindowKw, 6) : null,
        MarginalPrice = s.MarginalPrice,
        MarginalPriceWithTaxes = s.MarginalPrice * s.OnTopFactor,
        MarginalPriceOverHorizon = s.MarginalPrice * s.OnTopFactor * s.HorizonFactor,
        OneMoreKwUntilWindowEnd = s.OneMoreKw(now) is { } price ? decimal.Round(price, 6) : null,
        NextReset = s.NextReset,
    };
}

/// <summary>A system peak under a coincident charge.</summary>
public sealed record CalledPeakDemand
{
    public required string Charge { get; init; }
    public required string Event { get; init; }
    public required Instant From { get; init; }
    public required Instant Until { get; init; }

    /// <summary>Only forecast: it costs nothing unless it is called.</summary>
    public required bool Forecast { get; init; }

    /// <summary>Mean import of the call so far; absent = it has not begun, or nothing was read.</summary>
    public decimal? MeanKw { get; init; }

    /// <summary>Time of the call up to now that no reading covers.</summary>
    public required decimal UnknownSeconds { get; init; }

    /// <summary>One kW more over the whole call, with riders and taxes, in all bills that it is on.</summary>
    public required decimal PricePerKw { get; init; }

    /// <summary>On how many bills: 1, or 12 where it sets next year's tag.</summary>
    public required int Bills { get; init; }

    /// <summary>What the load of the call adds to these bills if it goes on at its mean.</summary>
    public decimal? Cost { get; init; }

    /// <summary>One kW more from now until the call ends, in money. Absent = it is over.</summary>
    public decimal? OneMoreKwUntilWindowEnd { get; init; }

    public required string Because { get; init; }

    internal static CalledPeakDemand Create(CalledPeakState s, Instant now) => new()
    {
        Charge = s.Charge,
        Event = s.Event,
        From = s.From,
        Until = s.Until,
        Forecast = s.Forecast,
        MeanKw = s.MeanKw is { } mean ? decimal.Round(mean, 6) : null,
        UnknownSeconds = decimal.Round(s.UnknownSeconds, 3),
        PricePerKw = decimal.Round(s.PricePerKw, 6),
        Bills = s.Bills,
        Cost = s.Cost is { } cost ? decimal.Round(cost, 6) : null,
        OneMoreKwUntilWindowEnd = s.OneMoreKw(now) is { } price ? decimal.Round(price, 6) : null,
        Because = s.Because,
    };
}

/// <summary>What a stream of the meter states now.</summary>
/// <param name="Stream">e.g. tariff/peak-cap.</param>
/// <param name="Revision">Of the live envelope.</param>
/// <param name="Obligation">mandatory or advisory.</param>
/// <param name="ImportLimitW">Now; absent = nothing.</param>
/// <param name="Until">Until when.</param>
/// <param name="Because">Charge and period that bind, or why the fail-safe holds.</param>
/// <param name="PublishedAt">When it was stored for the hub.</param>
public sealed record PublishedLimit(string Stream, long Revision, Obligation Obligation, long? ImportLimitW, Instant? Until, string? Because, Instant PublishedAt)
{
    /// <summary>What the stream asks the site to draw now, W; absent = nothing.</summary>
    public long? TargetW { get; init; }

    internal static PublishedLimit Create(StreamRow row, Instant now)
    {
        var said = row.Said ?? throw new InvalidDataException($"what stream tariff/{row.Stream} of site {row.SiteId} said last is damaged in the store");
        var held = said.Segments.FirstOrDefault(s => s.From <= now && (s.Until is null || s.Until > now));
        var asked = said.Targets.FirstOrDefault(t => t.From <= now && (t.Until is null || t.Until > now));
        return new PublishedLimit($"tariff/{row.Stream}", row.Revision, said.Obligation, held?.Limits.ImportLimitW, held?.Until ?? asked?.Until,
            (held?.Cause ?? asked?.Cause)?.EventId, row.PublishedAt)
        { TargetW = asked?.TargetW };
    }
}
