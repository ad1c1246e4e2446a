using System.Net.Mime;
using System.Text;
using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.Hosting.Auth;
using GridServices.Hosting.OpenApi;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Storage;
using GridServices.Hosting.Web;
using GridServices.Tariffs.Meters;
using GridServices.Tariffs.Requests;
using GridServices.Tariffs.Service.Calculations;
using GridServices.Tariffs.Service.Registry;
using GridServices.Tariffs.Time;
using Microsoft.Net.Http.Headers;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Tariffs.Service.Meters;

/// <summary>A meter's own records: put (and corrected) in, read back.</summary>
internal static class MeterIntervalEndpoints
{
    private static readonly Duration ClockTolerance = Duration.FromMinutes(5);
    private static readonly Duration MostRead = Duration.FromDays(400);

    public static void MapMeterIntervals(this IEndpointRouteBuilder routes)
    {
        routes.MapPut("/v1/meters/{meterId}/intervals", PutAsync)
            .RequirePermission(Permission.Settle, Role.Publisher).WithName("putMeterIntervals").ReadsQuery(DialectQuery.Names).WithTags("Meters")
            .WithSummary("Store interval records: JSON, CSV, NEM12 or Green Button; the same again changes nothing, another value corrects")
            .WithDescription("JSON as in a bill's intervals; query of a file as for POST /v1/bills, source among it. A CSV file above 16 MiB (at most 512, with Content-Length) is read as a stream: its rows stand in the order of time, and it is stored month by month once all of it was checked. Data finer than the meter's interval are averaged. Peaks, headroom and envelope follow at once.")
            .Accepts<IntervalsRequestBody>(MediaTypeNames.Application.Json, MediaTypeNames.Text.Csv, MediaTypeNames.Application.Xml, IntervalBody.Atom)
            .Explains("channel", "What the value column holds: import (default), export or net.")
            .Produces<IntervalsPut>().Refuses([ErrorClass.Conflict, .. Responses.Data]);
        routes.MapGet("/v1/meters/{meterId}/intervals", GetAsync)
            .RequirePermission(Permission.Settle, Role.Publisher).WithName("getMeterIntervals").ReadsQuery("from", "until", "channel").WithTags("Meters")
            .WithSummary("Stored records of [from, until) (at most 400 days) as CSV: start, kW, estimated, telemetry")
            .Explains("channel", "Which records: net (default), export or reactive.")
            .Produces<string>(StatusCodes.Status200OK, MediaTypeNames.Text.Csv);
    }

    private static async Task<IResult> PutAsync(string meterId, HttpContext http, MeterUpdater updater, TariffStore tariffs, IClock clock)
    {
        var meter = await http.MeterAsync(meterId);
        if (!meter.Plan.SumOf.IsEmpty)
        {
            throw new ProblemException(ErrorClass.Conflict, $"The meter is the sum of {string.Join(", ", meter.Plan.SumOf.Select(s => s.MeterId))}; store their records.", "meterId");
        }

        var zone = (await ZoneAsync(http, tariffs, meter)).Zone;
        if (LargeFile.Is(http.Request))
        {
            return await LargeFile.PutAsync(http, meter, zone, updater, clock.GetCurrentInstant());
        }

        var body = await http.Request.ReadBodyAsync(
            Responses.MaxBody, MediaTypeNames.Application.Json, MediaTypeNames.Text.Csv, MediaTypeNames.Application.Xml, MediaTypeNames.Text.Xml, IntervalBody.Atom);
        var type = MediaTypeHeaderValue.Parse(http.Request.ContentType).MediaType.Value;
        var isJson = string.Equals(type, MediaTypeNames.Application.Json, StringComparison.OrdinalIgnoreCase);
        if (isJson && http.Request.Query.Count > 0)
        {
            throw new ProblemException(ErrorClass.SchemaInvalid, "With a JSON body everything stands in the body; leave the query out.", http.Request.Query.Keys.First());
        }

        var read = isJson
            ? MeterIntervalsJson.Read(body, zone, clock.GetCurrentInstant())
            : await IntervalBody.MeterAsync(http, body, string.Equals(type, MediaTypeNames.Text.Csv, StringComparison.OrdinalIgnoreCase), zone, clock.GetCurrentInstant());
        if (!read.Ok)
        {
            return Responses.Refused(http, read.Refusals);
        }

        RequirePast(read.Value!.Net.End, clock.GetCurrentInstant());
        var records = MeterRecords.Read(read.Value!, MeterGrid.Create(zone, meter.Plan.Interval));
        if (!records.Ok)
        {
            return Responses.Refused(http, records.Refusals);
        }

        if (records.Value![MeterChannels.Net] is not { IsEmpty: false } net)
        {
            throw new ProblemException(ErrorClass.SemanticEmpty, "There is no reading in it; leave the request out.");
        }

        var count = await updater.PutIntervalsAsync(http.Caller().Tenant, meterId, records.Value, http.RequestAborted);
        return Responses.Json(new IntervalsPut(meterId, count.Added, count.Corrected, count.Unchanged, net[0].Start, net[^1].Start + meter.Plan.Interval, Responses.Warnings(read.Warnings)));
    }

    /// <exception cref="ProblemException">SEMANTIC_TIME.</exception>
    internal static void RequirePast(Instant end, Instant now)
    {
        if (end > now + ClockTolerance)
        {
            throw new ProblemException(
                ErrorClass.SemanticTime, $"The intervals run until {end}, which lies in the future: the meter would take nothing in until then. Leave out what has not been measured; check the clock, the zone and stamp.", "/start");
        }
    }

    private static async Task<IResult> GetAsync(string meterId, HttpContext http, Store store, TariffStore tariffs)
    {
        var meter = await http.MeterAsync(meterId);
        var grid = MeterGrid.Create((await ZoneAsync(http, tariffs, meter)).Zone, meter.Plan.Interval);
        var (from, until) = (ReadInstant(http, "from"), ReadInstant(http, "until"));
        if (until <= from || until - from > MostRead)
        {
            throw new ProblemException(ErrorClass.SemanticTime, "until lies after from, by at most 400 days.", "until");
        }

        var channel = http.Request.Query["channel"].ToString() is { Length: > 0 } named ? named : MeterChannels.Net;
        if (channel is not (MeterChannels.Net or MeterChannels.Export or MeterChannels.Reactive))
        {
            throw new ProblemException(ErrorClass.SemanticCode, "channel is net, export or reactive.", "channel");
        }

        var days = await store.ReadAsync(db => IntervalStore.DaysAsync(db, null, meter.Tenant, meterId, channel, grid, from, until), http.RequestAborted);
        var csv = new StringBuilder("start,kW,estimated,telemetry\r\n");
        foreach (var (day, packed) in days.OrderBy(d => d.Key))
        {
            Rows(csv, DayBlock.Unpack(packed), day, grid, from, until);
        }

        return Results.Text(csv.ToString(), "text/csv; charset=utf-8; header=present");
    }

    private static void Rows(StringBuilder csv, DayBlock block, int day, MeterGrid grid, Instant from, Instant until)
    {
        for (var i = 0; i < block.Count; i++)
        {
            var ((kw, mark), start) = (block[i], grid.GetStart(day, i));
            if (mark != IntervalMark.None && start >= from && start < until)
            {
                csv.Append(InstantPattern.ExtendedIso.Format(start)).Append(',').Append(ExactDecimal.Text(kw)).Append(',')
                    .Append(mark.HasFlag(IntervalMark.Estimated) ? "true," : "false,").Append(mark.HasFlag(IntervalMark.Telemetry) ? "true\r\n" : "false\r\n");
            }
        }
    }

    private static async Task<CompiledTariff> ZoneAsync(HttpContext http, TariffStore tariffs, StoredMeter meter) =>
        (await tariffs.CompiledAsync(meter.Tenant, meter.Plan.TariffId, http.RequestAborted)).FirstOrDefault()
        ?? throw new ProblemException(ErrorClass.UnknownId, $"The meter's tariff '{meter.Plan.TariffId}' is not stored; PUT /v1/tariffs/{meter.Plan.TariffId} first.");

    private static Instant ReadInstant(HttpContext http, string name) => InstantPattern.ExtendedIso.Parse(http.Request.Query[name].ToString()) is { Success: true } parsed
        ? parsed.Value
        : throw new ProblemException(ErrorClass.SemanticTime, $"{name} is an instant like 2026-01-15T00:00:00Z.", name);
}

/// <summary>How the records met what was stored.</summary>
/// <param name="MeterId">Whose.</param>
/// <param name="Added">Intervals that had no value.</param>
/// <param name="Corrected">Intervals that had another value.</param>
/// <param name="Unchanged">Intervals that had this value.</param>
/// <param name="From">Start of the first.</param>
/// <param name="Until">End of the last.</param>
/// <param name="Warnings">What was odd but usable.</param>
public sealed record IntervalsPut(string MeterId, int Added, int Corrected, int Unchanged, Instant From, Instant Until, IReadOnlyList<Warning> Warnings);
