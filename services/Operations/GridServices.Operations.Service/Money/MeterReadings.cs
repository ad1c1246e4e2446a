using System.Globalization;
using System.Text.Json;
using GridServices.Operations.Compliance;
using GridServices.Operations.Service.Clients;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Operations.Service.Money;

/// <summary>A reading as the Tariffs service holds it: mean kW over an interval, + = import.</summary>
internal sealed record MeterReading(Instant From, Instant Until, decimal Kw, bool IsEstimate, bool IsTelemetry);

/// <summary>The plan of a meter, and its readings of a span on an even grid.</summary>
internal sealed record MeterLoad
{
    public required string MeterId { get; init; }

    /// <summary>Of the tariff: cycles and days are by its clock.</summary>
    public required DateTimeZone Zone { get; init; }

    public required string TariffId { get; init; }

    /// <summary>Day of the month on which a billing cycle begins.</summary>
    public required int ReadingDay { get; init; }

    public required Duration Step { get; init; }

    /// <summary>As the Tariffs service takes it; absent = nothing is known of it.</summary>
    public JsonElement? Account { get; init; }

    public JsonElement? Events { get; init; }

    public required Instant From { get; init; }
    public required Instant Until { get; init; }

    /// <summary>In order; what is not measured is not there.</summary>
    public required IReadOnlyList<MeterReading> Readings { get; init; }

    public int Expected => (int)((Until - From) / Step);

    public int Missing => Expected - Readings.Count;

    /// <summary>kW per interval; null = no reading.</summary>
    public decimal?[] Grid()
    {
        var grid = new decimal?[Expected];
        foreach (var reading in Readings)
        {
            grid[(int)((reading.From - From) / Step)] = reading.Kw;
        }

        return grid;
    }

    /// <summary>Which of <see cref="Grid"/> nobody measured.</summary>
    public bool[] Estimates()
    {
        var grid = new bool[Expected];
        foreach (var reading in Readings)
        {
            grid[(int)((reading.From - From) / Step)] = reading.IsEstimate;
        }

        return grid;
    }
}

/// <summary>Reads meters and their readings at the Tariffs service.</summary>
internal sealed class MeterReadings(ServiceCalls calls, ITariffsApi tariffs)
{
    /// <summary>The readings of the billing cycle that begins in the month, by the tariff's clock.</summary>
    internal async Task<ServiceReply<MeterLoad>> ReadMonthAsync(string tenant, string meterId, YearMonth month, CancellationToken ct)
    {
        var plan = await calls.CallAsync(ServiceName.Tariffs, tenant, token => tariffs.GetMeterAsync(token, meterId, ct), ct);
        if (!plan.IsDone)
        {
            return new ServiceReply<MeterLoad>(plan.Kind, null, null, plan.Problem, plan.Faults);
        }

        var held = TariffsJson.Read<HeldMeter>(plan.Value);
        var tariff = await calls.CallAsync(ServiceName.Tariffs, tenant, token => tariffs.GetTariffAsync(token, held.Plan.TariffId, ct), ct);
        if (!tariff.IsDone)
        {
            return new ServiceReply<MeterLoad>(tariff.Kind, null, null, tariff.Problem, tariff.Faults);
        }

        var zone = ReadZone(tariff.Value);
        var first = month.OnDayOfMonth(held.Plan.ReadingDay);
        var (from, until) = (zone.AtStartOfDay(first).ToInstant(), zone.AtStartOfDay(month.PlusMonths(1).OnDayOfMonth(held.Plan.ReadingDay)).ToInstant());
        var step = PeriodPattern.NormalizingIso.Parse(held.Plan.Interval).Value.ToDuration();
        var readings = await SpanAsync(tenant, meterId, from, until, step, ct);
        return !readings.IsDone
            ? new ServiceReply<MeterLoad>(readings.Kind, null, null, readings.Problem, readings.Faults)
            : new ServiceReply<MeterLoad>(ReplyKind.Done, new MeterLoad
            {
                MeterId = meterId,
                Zone = zone,
                TariffId = held.Plan.TariffId,
                ReadingDay = held.Plan.ReadingDay,
                Step = step,
                Account = held.Plan.Account,
                Events = held.Plan.Events,
                From = from,
                Until = until,
                Readings = readings.Value!,
            }, null, null, []);
    }

    /// <summary>What is held of [from, until); intervals without a reading are not in it.</summary>
    internal async Task<ServiceReply<IReadOnlyList<MeterReading>>> SpanAsync(string tenant, string meterId, Instant from, Instant until, Duration step, CancellationToken ct)
    {
        var reply = await calls.CallAsync(ServiceName.Tariffs, tenant, token => tariffs.GetIntervalsAsync(token, meterId, Text(from), Text(until), ct), ct);
        return new ServiceReply<IReadOnlyList<MeterReading>>(reply.Kind, reply.IsDone ? Read(reply.Value!, step) : null, null, reply.Problem, reply.Faults);
    }

    /// <summary>As energy.</summary>
    internal static IReadOnlyList<MeterInterval> Intervals(IEnumerable<MeterReading> readings) =>
        [.. readings.Select(r => new MeterInterval(r.From, r.Until, r.Kw * (decimal)(r.Until - r.From).TotalHours, r.IsEstimate))];

    /// <summary>Lines of <c>start,kW,estimated,telemetry</c>.</summary>
    private static List<MeterReading> Read(string csv, Duration step)
    {
        var readings = new List<MeterReading>();
        foreach (var line in csv.Split('\n').Skip(1))
        {
            if (line.Trim().Split(',') is [var start, var kw, var estimated, var telemetry] && InstantPattern.ExtendedIso.Parse(start) is { Success: true, Value: var at } && decimal.TryParse(kw, CultureInfo.InvariantCulture, out var power))
            {
                readings.Add(new MeterReading(at, at + step, power, estimated == "true", telemetry == "true"));
            }
        }

        return readings;
    }

    private static DateTimeZone ReadZone(JsonElement tariff) =>
        tariff.TryGetProperty("timeZone", out var zone) && DateTimeZoneProviders.Tzdb.GetZoneOrNull(zone.GetString() ?? string.Empty) is { } known ? known : DateTimeZone.Utc;

    private static string Text(Instant at) => InstantPattern.ExtendedIso.Format(at);

    private sealed record HeldMeter(HeldPlan Plan);

    private sealed record HeldPlan
    {
        public required string TariffId { get; init; }
        public string Interval { get; init; } = "PT15M";
        public int ReadingDay { get; init; } = 1;
        public JsonElement? Account { get; init; }
        public JsonElement? Events { get; init; }
    }
}
