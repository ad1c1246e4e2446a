using System.Text.Json;
using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using GridServices.Operations.Money;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Clients;
using GridServices.Operations.Service.Registry;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Operations.Service.Money;

/// <summary>Splits a meter's bill of a month among charging sessions, by the Tariffs service.</summary>
internal sealed class Allocations(BillReader bills, MeterReadings readings, ServiceCalls calls, ITariffsApi tariffs)
{
    private const string Site = "(site)";

    internal static readonly IReadOnlyList<string> Methods = ["energyShare", "coincidentPeak", "nonCoincidentPeak", "shapley", "marginal"];

    /// <exception cref="ProblemException">There is no meter to bill, no reading, or the Tariffs service can't be asked.</exception>
    /// <exception cref="FormException">It refuses the request.</exception>
    internal async Task<BillAllocation> CalculateAsync(string tenant, MeterPoint meter, YearMonth month, SessionFile file, string method, CancellationToken ct)
    {
        var key = BillReader.FindKey(meter) ?? throw new ProblemException(ErrorClass.Conflict, "The meter point is not linked to a meter and a tariff: there is no bill to split.");
        var load = (await readings.ReadMonthAsync(tenant, key, month, ct)).Require();
        if (load.Readings.Count == 0)
        {
            throw new ProblemException(ErrorClass.Conflict, $"There is no reading of the meter in {YearMonthPattern.Iso.Format(month)}: import them first.");
        }

        var grid = new BillGrid(load.From, (int)load.Step.TotalMinutes, load.Expected);
        var rows = Rows(file, grid);
        var answer = TariffsJson.Read<Answer>((await calls.CallAsync(ServiceName.Tariffs, tenant, token => tariffs.AllocateAsync(token, Body(load, rows, method), ct), ct)).Require());
        var shares = rows.Shares(answer.Users.ToDictionary(u => u.Id, u => u.Payable, StringComparer.Ordinal), grid, answer.Currency);
        var site = answer.Users.FirstOrDefault(u => u.Id == Site);
        var bill = await bills.ReadAsync(tenant, meter, month, ct);
        return new BillAllocation
        {
            MeterPointId = meter.Id,
            SiteId = meter.SiteId,
            Month = month,
            Method = method,
            Currency = answer.Currency,
            Payable = answer.Payable,
            BillPayable = bill.Payable,
            Provisional = answer.Provisional || load.Missing > 0,
            ByEvse = rows.ByEvse,
            OutsideKwh = rows.OutsideKwh,
            SitePayable = site?.Payable ?? 0,
            SiteKwh = site?.Kwh ?? 0,
            RefusedRows = file.RefusedRows,
            Users = UserTotal.Sum(shares),
            Sessions = shares,
            Warnings = [.. answer.Warnings.Select(w => w.Detail), .. rows.NotCompared(answer.Currency), .. file.Warnings.Take(100).Select(w => w.ToString())],
        };
    }

    private static AllocationRows Rows(SessionFile file, BillGrid grid)
    {
        try
        {
            return AllocationRows.From(file.Sessions, grid);
        }
        catch (ArgumentException wrong)
        {
            throw new FormException(ErrorClass.SchemaInvalid, "/rows", wrong.Message);
        }
    }

    private static JsonElement Body(MeterLoad load, AllocationRows rows, string method)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("tariffId", load.TariffId);
            WriteLoad(json, load);
            WriteCycle(json, load);
            WriteOptional(json, "account", load.Account);
            WriteOptional(json, "events", load.Events);
            json.WriteString("method", method);
            json.WritePropertyName("users");
            rows.Write(json);
            json.WriteEndObject();
        }

        return JsonDocument.Parse(buffer.ToArray()).RootElement;
    }

    private static void WriteLoad(Utf8JsonWriter json, MeterLoad load)
    {
        json.WriteStartObject("intervals");
        json.WriteString("start", TimeText.Format(load.From));
        json.WriteNumber("minutes", (int)load.Step.TotalMinutes);
        json.WriteStartArray("kW");
        foreach (var kw in load.Grid())
        {
            if (kw is { } known)
            {
                json.WriteNumberValue(known);
            }
            else
            {
                json.WriteNullValue();
            }
        }

        json.WriteEndArray();
        EstimatedIntervals.Write(json, load.Estimates());
        json.WriteEndObject();
    }

    private static void WriteCycle(Utf8JsonWriter json, MeterLoad load)
    {
        json.WriteStartArray("cycles");
        json.WriteStartObject();
        json.WriteString("from", LocalDatePattern.Iso.Format(load.From.InZone(load.Zone).Date));
        json.WriteString("until", LocalDatePattern.Iso.Format(load.Until.InZone(load.Zone).Date));
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static void WriteOptional(Utf8JsonWriter json, string name, JsonElement? value)
    {
        if (value is { ValueKind: not (JsonValueKind.Null or JsonValueKind.Undefined) } given)
        {
            json.WritePropertyName(name);
            given.WriteTo(json);
        }
    }

    private sealed record Answer
    {
        public required string Currency { get; init; }
        public required decimal Payable { get; init; }
        public required bool Provisional { get; init; }
        public required IReadOnlyList<Share> Users { get; init; }
        public IReadOnlyList<Warning> Warnings { get; init; } = [];
    }

    private sealed record Share(string Id, decimal Kwh, decimal Payable);

    private sealed record Warning(string Detail);
}
