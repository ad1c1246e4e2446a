using System.Text.Json;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Clients;
using NodaTime;

namespace GridServices.Operations.Service.Money;

/// <summary>A bill in which everything was measured.</summary>
/// <param name="Meter">Its key at the Tariffs service.</param>
/// <param name="RunId">The billing run.</param>
/// <param name="Payable">The whole month, rounded as the tariff says.</param>
/// <param name="Currency">ISO 4217.</param>
internal sealed record MadeBill(string Meter, string RunId, decimal Payable, string Currency);

/// <summary>Reads the bills that billing runs of the Tariffs service have made. The newest run that names a meter and covers the month speaks; what is not there is said and is no 0.</summary>
internal sealed class BillReader(ServiceCalls calls, ITariffsApi tariffs)
{
    private const int RunsAtOnce = 200;
    private const int MostRuns = 2_000;

    /// <summary>Null: there is no meter and no tariff to bill by.</summary>
    internal static string? FindKey(MeterPoint meter) => meter.TariffMeterId ?? (meter.TariffId is null ? null : meter.Id);

    /// <summary>Runs of meters' own tariffs that cover the month, the latest first.</summary>
    internal async Task<ServiceReply<IReadOnlyList<BillRun>>> RunsAsync(string tenant, YearMonth month, CancellationToken ct)
    {
        var found = new List<BillRun>();
        string? after = null;
        for (var read = 0; read < MostRuns; read += RunsAtOnce)
        {
            var at = after;
            var reply = await calls.CallAsync(ServiceName.Tariffs, tenant, token => tariffs.ListRunsAsync(token, at, RunsAtOnce, ct), ct);
            if (!reply.IsDone)
            {
                return new ServiceReply<IReadOnlyList<BillRun>>(reply.Kind, null, null, reply.Problem, reply.Faults);
            }

            var (items, next) = ServiceCalls.Page(reply.Value);
            found.AddRange(items.Select(TariffsJson.Read<BillRun>).Where(r => r.Covers(month)));
            after = next;
            if (after is null)
            {
                break;
            }
        }

        return new ServiceReply<IReadOnlyList<BillRun>>(ReplyKind.Done, found, null, null, []);
    }

    /// <summary>One line per meter point, in their order, without the bills' lines.</summary>
    internal async Task<IReadOnlyList<BillAnswer>> ListAsync(string tenant, IReadOnlyCollection<MeterPoint> meters, YearMonth month, CancellationToken ct)
    {
        var runs = await RunsAsync(tenant, month, ct);
        var (results, problem) = runs.IsDone ? await ResultsAsync(tenant, runs.Value!, [.. meters.Select(FindKey).OfType<string>()], ct) : ([], runs.Problem);
        return [.. meters.Select(m => Answer(m, month, results, problem))];
    }

    /// <summary>Every bill of the month in which everything was measured, by meter key, the earliest first: what was booked of it, whatever was made of the month later.</summary>
    /// <exception cref="GridServices.Hosting.Refusals.ProblemException">Tariffs can't be asked: that nothing is known is no empty list.</exception>
    internal async Task<ILookup<string, MadeBill>> MadeAsync(string tenant, IReadOnlySet<string> wanted, YearMonth month, CancellationToken ct)
    {
        var made = new List<MadeBill>();
        if (wanted.Count == 0)
        {
            return made.ToLookup(m => m.Meter, StringComparer.Ordinal);
        }

        foreach (var run in (await RunsAsync(tenant, month, ct)).Require().Where(r => r.IsWithin(month) && wanted.Any(r.Names)).OrderBy(r => r.CreatedAt).ThenBy(r => r.RunId, StringComparer.Ordinal))
        {
            var results = (await BillsAsync(tenant, run, ct)).Require();
            made.AddRange(results.Where(r => wanted.Contains(r.MeterId) && GetState(r) == BillState.Made).Select(r => r is { Payable: { } payable, Currency: { } currency } ? new MadeBill(r.MeterId, run.RunId, payable, currency) : null).OfType<MadeBill>());
        }

        return made.ToLookup(m => m.Meter, StringComparer.Ordinal);
    }

    /// <summary>With the bill's lines.</summary>
    internal async Task<BillAnswer> ReadAsync(string tenant, MeterPoint meter, YearMonth month, CancellationToken ct)
    {
        var answer = (await ListAsync(tenant, [meter], month, ct))[0];
        if (answer.State is not (BillState.Made or BillState.Provisional) || FindKey(meter) is not { } key)
        {
            return answer;
        }

        var reply = await calls.CallAsync(ServiceName.Tariffs, tenant, token => tariffs.GetRunBillAsync(token, answer.RunId!, key, ct), ct);
        return reply.IsDone ? WithBill(answer, reply.Value, month) : answer with { State = BillState.Unknown, Payable = null, Delta = null, Problem = reply.Problem };
    }

    private async Task<(Dictionary<string, (BillRun Run, RunResult Result)> Results, string? Problem)> ResultsAsync(
        string tenant, IReadOnlyList<BillRun> runs, HashSet<string> wanted, CancellationToken ct)
    {
        var results = new Dictionary<string, (BillRun, RunResult)>(StringComparer.Ordinal);
        foreach (var run in runs)
        {
            if (!wanted.Any(key => run.Names(key) && !results.ContainsKey(key)))
            {
                continue;
            }

            var bills = await BillsAsync(tenant, run, ct);
            if (!bills.IsDone)
            {
                return ([], bills.Problem);
            }

            foreach (var result in bills.Value!.Where(r => r.State != "cancelled" && wanted.Contains(r.MeterId)))
            {
                results.TryAdd(result.MeterId, (run, result));
            }
        }

        return (results, null);
    }

    private async Task<ServiceReply<IReadOnlyList<RunResult>>> BillsAsync(string tenant, BillRun run, CancellationToken ct)
    {
        var bills = await calls.ListAsync<JsonElement, JsonElement>(ServiceName.Tariffs, tenant, (token, after) => tariffs.ListRunBillsAsync(token, run.RunId, after, ServiceCalls.PageSize, ct), ServiceCalls.Page, ct);
        return new ServiceReply<IReadOnlyList<RunResult>>(bills.Kind, bills.IsDone ? [.. bills.Value!.Select(TariffsJson.Read<RunResult>)] : null, null, bills.Problem, bills.Faults);
    }

    private static BillState GetState(RunResult result) => result.State switch
    {
        "done" => result.Provisional == false ? BillState.Made : BillState.Provisional,
        "failed" => BillState.Failed,
        "cancelled" => BillState.NotMade,
        _ => BillState.UnderWay,
    };

    private static BillAnswer Answer(MeterPoint meter, YearMonth month, Dictionary<string, (BillRun Run, RunResult Result)> results, string? problem)
    {
        var answer = new BillAnswer { MeterPointId = meter.Id, SiteId = meter.SiteId, Month = month, State = BillState.NotMade };
        if (FindKey(meter) is not { } key)
        {
            return answer with { State = BillState.NoTariff };
        }

        if (problem is not null)
        {
            return answer with { State = BillState.Unknown, Problem = problem };
        }

        if (!results.TryGetValue(key, out var found))
        {
            return answer;
        }

        var (run, result) = found;
        return answer with
        {
            State = GetState(result),
            Problem = result.Problem,
            RunId = run.RunId,
            Currency = result.Currency,
            Payable = run.IsWithin(month) ? result.Payable : null,
            Delta = run.IsWithin(month) ? result.Delta : null,
            MadeAt = result.FinishedAt,
        };
    }

    /// <summary>The month's part of a bill that may be of several months.</summary>
    private static BillAnswer WithBill(BillAnswer answer, JsonElement json, YearMonth month)
    {
        var whole = TariffsJson.Read<WholeBill>(json);
        if (whole.Months.FirstOrDefault(m => m.From.ToYearMonth() == month) is not { } bill)
        {
            return answer with { State = BillState.NotMade, Payable = null, Delta = null, Problem = null, RunId = null };
        }

        return answer with
        {
            State = whole.Months.Count == 1 && answer.State == BillState.Provisional || bill.Provisional ? BillState.Provisional : BillState.Made,
            Currency = whole.Currency,
            Payable = whole.Months.Count == 1 ? whole.Payable : bill.RoundedTotal,
            Bill = bill with { Notes = whole.Notes, DataHash = whole.DataHash },
        };
    }

    private sealed record WholeBill
    {
        public required string Currency { get; init; }
        public decimal Payable { get; init; }
        public string? DataHash { get; init; }
        public IReadOnlyList<string> Notes { get; init; } = [];
        public IReadOnlyList<MonthBill> Months { get; init; } = [];
    }
}
