using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Clients;
using GridServices.Operations.Service.Storage;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Operations.Service.Money;

/// <summary>Starts billing runs at the Tariffs service, which goes on with them by itself.</summary>
internal sealed class BillRuns(BillReader bills, ServiceCalls calls, ITariffsApi tariffs)
{
    /// <summary>Bills the cycles of these meters that begin in the month.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="meters">Those that are not linked to a meter and a tariff are left out.</param>
    /// <param name="month">Which.</param>
    /// <param name="resettles">An earlier run: each new bill then says what is still due against it; null = none.</param>
    /// <param name="once">The same text with the same content starts one run, however often it is sent; null = each call starts one.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="ProblemException">Nothing can be billed, or Tariffs does not answer.</exception>
    internal async Task<BillRun> StartAsync(string tenant, IReadOnlyList<MeterPoint> meters, YearMonth month, string? resettles, string? once, CancellationToken ct)
    {
        var keys = meters.Select(BillReader.FindKey).OfType<string>().Order(StringComparer.Ordinal).ToList();
        if (keys.Count == 0)
        {
            throw new ProblemException(ErrorClass.SemanticEmpty, "No meter point here is linked to a meter and a tariff at the Tariffs service: there is nothing to bill.", "/meterPointIds");
        }

        var body = new JsonObject
        {
            ["meters"] = new JsonArray([.. keys.Select(k => (JsonNode)k)]),
            ["from"] = LocalDatePattern.Iso.Format(month.OnDayOfMonth(1)),
            ["until"] = LocalDatePattern.Iso.Format(month.PlusMonths(1).OnDayOfMonth(1)),
        };
        if (resettles is not null)
        {
            body["resettles"] = resettles;
        }

        var reply = await calls.CallAsync(ServiceName.Tariffs, tenant, token => tariffs.StartRunAsync(token, CreateKey(once), JsonSerializer.SerializeToElement(body), ct), ct);
        return TariffsJson.Read<BillRun>(reply.Require());
    }

    /// <summary>The run that all of these meters' bills of the month are of; null = there is none, or they are of several.</summary>
    /// <exception cref="ProblemException">503: some can't be read now, and what is not known is not "none": a second run would bill all of it beside the first.</exception>
    internal async Task<string?> EarlierAsync(string tenant, IReadOnlyList<MeterPoint> meters, YearMonth month, CancellationToken ct)
    {
        var held = await bills.ListAsync(tenant, meters, month, ct);
        return IsKnown(held) ? FindEarlier(held) : throw new ProblemException(
            ErrorClass.Unavailable, $"Nothing was billed: whether the month is billed already can't be read now. {held.First(b => b.State == BillState.Unknown).Problem}".TrimEnd());
    }

    /// <summary>Whether the state of every bill could be read.</summary>
    internal static bool IsKnown(IEnumerable<BillAnswer> held) => held.All(b => b.State != BillState.Unknown);

    /// <summary>The run that all of these bills are of; null = there is none, or they are of several.</summary>
    internal static string? FindEarlier(IEnumerable<BillAnswer> held)
    {
        var billed = held.Where(b => b.State != BillState.NoTariff);
        return billed.Select(b => b is { State: BillState.Made or BillState.Provisional, Payable: not null } ? b.RunId : null).Distinct(StringComparer.Ordinal).ToList() is [{ } only] ? only : null;
    }

    internal static Task AuditAsync(AuditedTransaction transaction, BillRun run, IReadOnlyList<MeterPoint> meters, YearMonth month) => transaction.AuditAsync(
        "billingRun", run.RunId, "started", null, StoredJson.Write(new { month, meters = run.Total, run.Request.Resettles }), siteId: meters.Select(m => m.SiteId).Distinct(StringComparer.Ordinal).ToList() is [var only] ? only : null);

    private static string CreateKey(string? once) => once is null ? Guid.NewGuid().ToString() : $"operations-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(once)))}";
}
