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
        var load = await ReadLoadAsync(tenant, meter, month, ct);
        var grid = CreateGrid(load);
        var rows = Rows(file.Sessions, grid);
        var answer = await AskAsync(tenant, load, rows, method, explain: null, ct);
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
            DataHash = answer.DataHash,
            TariffHashes = answer.TariffHashes,
            Told = file.Sessions,
            Warnings = [.. answer.Warnings.Select(w => w.Detail), .. rows.NotCompared(answer.Currency), .. file.Warnings.Take(100).Select(w => w.ToString())],
        };
    }

    /// <summary>Why a session pays its share: the bill is split again as it was, and its lines are told.</summary>
    /// <exception cref="ProblemException">404: there is no such session. 409: its sessions were not kept, or it is not in the billing cycle any more. 503: the Tariffs service can't be asked.</exception>
    internal async Task<SessionExplanation> ExplainAsync(string tenant, MeterPoint meter, BillAllocation split, IReadOnlyList<ChargingSession>? told, string sessionId, CancellationToken ct)
    {
        var share = split.Sessions.FirstOrDefault(s => s.SessionId == sessionId)
            ?? throw new ProblemException(ErrorClass.NotFound, $"There is no session '{SafeText.Line(sessionId)}' in this allocation.", "session");
        var load = await ReadLoadAsync(tenant, meter, split.Month, ct);
        var rows = Rows(told ?? throw new ProblemException(ErrorClass.Conflict, "This bill was split before sessions were kept: split it again, and every session says why."), CreateGrid(load));
        var payer = rows.ByEvse ? share.Evse : sessionId;
        if (!rows.Users.Any(u => u.Id == payer))
        {
            throw new ProblemException(ErrorClass.Conflict, "The session is not in the meter's billing cycle any more: its reading day was changed. Split the bill again.");
        }

        var answer = await AskAsync(tenant, load, rows, split.Method, payer, ct);
        var now = answer.Users.First(u => u.Id == payer).Payable;
        return new SessionExplanation
        {
            AllocationId = split.Id,
            MeterPointId = split.MeterPointId,
            SiteId = split.SiteId,
            Month = split.Month,
            Method = split.Method,
            Currency = answer.Currency,
            Session = share,
            Parts = told.First(s => s.Id == sessionId).Parts,
            ByEvse = rows.ByEvse,
            PayableNow = now,
            IsCurrent = split.DataHash is not null && split.DataHash == answer.DataHash && split.TariffHashes.SequenceEqual(answer.TariffHashes, StringComparer.Ordinal)
                && now == split.Sessions.Where(s => rows.ByEvse ? s.Evse == payer : s.SessionId == payer).Sum(s => s.Payable),
            ErrorBound = answer.Users.First(u => u.Id == payer).ErrorBound,
            Lines = answer.Reasons.FirstOrDefault(r => r.Id == payer)?.Lines ?? [],
            Notes = answer.Notes,
        };
    }

    private async Task<MeterLoad> ReadLoadAsync(string tenant, MeterPoint meter, YearMonth month, CancellationToken ct)
    {
        var key = BillReader.FindKey(meter) ?? throw new ProblemException(ErrorClass.Conflict, "The meter point is not linked to a meter and a tariff: there is no bill to split.");
        var load = (await readings.ReadMonthAsync(tenant, key, month, ct)).Require();
        return load.Readings.Count > 0 ? load : throw new ProblemException(ErrorClass.Conflict, $"There is no reading of the meter in {YearMonthPattern.Iso.Format(month)}: import them first.");
    }

    private async Task<Answer> AskAsync(string tenant, MeterLoad load, AllocationRows rows, string method, string? explain, CancellationToken ct) =>
        TariffsJson.Read<Answer>((await calls.CallAsync(ServiceName.Tariffs, tenant, token => tariffs.AllocateAsync(token, Body(load, rows, method, explain), ct), ct)).Require());

    private static BillGrid CreateGrid(MeterLoad load) => new(load.From, (int)load.Step.TotalMinutes, load.Expected);

    private static AllocationRows Rows(IReadOnlyList<ChargingSession> sessions, BillGrid grid)
    {
        try
        {
            return AllocationRows.From(sessions, grid);
        }
        catch (ArgumentException wrong)
        {
            throw new FormException(ErrorClass.SchemaInvalid, "/rows", wrong.Message);
        }
    }

    private static JsonElement Body(MeterLoad load, AllocationRows rows, string method, string? explain)
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
            rows.Write(json);
            if (explain is not null)
            {
                json.WriteStartArray("explain");
                json.WriteStringValue(explain);
                json.WriteEndArray();
            }

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
        public string? DataHash { get; init; }
        public IReadOnlyList<string> TariffHashes { get; init; } = [];
        public IReadOnlyList<string> Notes { get; init; } = [];
        public IReadOnlyList<Reason> Reasons { get; init; } = [];
    }

    private sealed record Share(string Id, decimal Kwh, decimal Payable, decimal? ErrorBound = null);

    private sealed record Reason(string Id, IReadOnlyList<ExplainedLine> Lines);

    private sealed record Warning(string Detail);
}
