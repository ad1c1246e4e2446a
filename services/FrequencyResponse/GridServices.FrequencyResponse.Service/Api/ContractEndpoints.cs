using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Instructions;
using GridServices.FrequencyResponse.Safety;
using GridServices.FrequencyResponse.Service.Mqtt;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Publishing;
using GridServices.FrequencyResponse.Service.Recording;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.FrequencyResponse.Service.Storage;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Documents;
using GridServices.Hosting.OpenApi;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Web;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Api;

/// <summary>What was sold, and how it does.</summary>
internal static class ContractEndpoints
{
    private const int MaxBody = 4 * 1024 * 1024;

    public static void MapContracts(this IEndpointRouteBuilder routes)
    {
        var contracts = routes.MapGroup("/v1/contracts").RequirePermission(Permission.SeeSites).WithTags("Contracts");
        contracts.MapGet("/", List).WithName("listContracts").WithSummary("All contracts with their state").Produces<ListOrPage<ContractItem>>();
        contracts.MapPut("/{contractId}", PutAsync).RequirePermission(Permission.EditSites).WithName("putContract").WithSummary("Make or change a contract")
            .WithDescription("Every fault is named in `errors`, each with its JSON pointer and how to fix it; an asset that is measured too slow for the service is refused by name.")
            .Accepts<ContractSettings>("application/json").Produces<ContractDetail>().Produces<ContractDetail>(StatusCodes.Status201Created)
            .Refuses(ErrorClass.Respond, ErrorClass.TargetMismatch, ErrorClass.Conflict).TakesIfMatch().WritesETag();
        contracts.MapGet("/{contractId}", Get).WithName("getContract").WithSummary("A contract as it was put").Produces<ContractDetail>().WritesETag();
        contracts.MapDelete("/{contractId}", DeleteAsync).RequirePermission(Permission.EditSites).WithName("deleteContract").WithSummary("End a contract and withdraw its envelopes")
            .Produces(StatusCodes.Status204NoContent).TakesIfMatch();
        contracts.MapGet("/{contractId}/state", State).WithName("getContractState").WithSummary("What it does this moment, and why").Produces<ContractState>();
        contracts.MapGet("/{contractId}/baseline", Baseline).WithName("getBaseline")
            .WithSummary("The baseline of the contract's pool per settlement period, as it is to be submitted")
            .WithDescription(
                "For the running half hour and those that begin before `until` (by default within four hours, at most two days). `isFinal`: decided at least 65 minutes ahead, and not changed "
                + "any more. Energy is won back through the baseline only where the contract states `submitsBaseline`.")
            .Explains("until", "End, exclusive, RFC 3339 in UTC; absent = within four hours; at most two days ahead.")
            .Produces<BaselineAnswer>();
        contracts.MapPost("/{contractId}/signal", SignalAsync).RequirePermission(Permission.Administer).RepeatsHarmlessly().WithName("postSignal")
            .WithSummary("A regulation signal or a recall of the grid operator, for the contract's pool")
            .Accepts<SignalBody>("application/json").Produces(StatusCodes.Status204NoContent);
    }

    private static IResult List(HttpContext http, PoolHost host, PoolTable table, string? after = null, string? limit = null)
    {
        var caller = http.Caller();
        var contracts = host.Entries.Contracts.Where(c => c.Id.Tenant == caller.Tenant && caller.MayAct(c.Settings.SiteId))
            .OrderBy(c => c.Id.Key, StringComparer.Ordinal)
            .Select(c =>
            {
                var (phase, rung) = GetPhase(table, c.Id);
                return new ContractItem(
                    c.Id.Key, c.Settings.SiteId, c.Settings.Service ?? "custom", ContractRules.Quantity(c.Settings) ?? 0, phase, rung, host.FindRefusal(c.Id));
            });
        return Paging.Answer(after, limit, contracts, c => c.ContractId);
    }

    private static async Task<IResult> PutAsync(string contractId, HttpContext http, PoolHost host, PoolTable table, FrequencyCatalog catalog, BrokerOptions broker,
        ContractPublisher publisher, IClock clock)
    {
        var id = http.ParseId(contractId);
        if (StrictJson.Read<ContractSettings>(await http.Request.ReadBodyAsync(MaxBody, "application/json"), out var faults) is not { } contract)
        {
            return ConfigProblem.Answer(http, faults);
        }

        http.Caller().RequireSite(contract.SiteId);
        var isNew = host.Entries.Contract(id) is not { } held;
        if (!isNew)
        {
            http.Caller().RequireSite(host.Entries.Contract(id)!.SiteId);
        }

        ContractVerdict? verdict = null;
        try
        {
            await host.ChangeAsync(
                entries =>
                {
                    http.RequireMatch(entries.Contract(id) is { } now ? EntityTags.Compute(now) : null);
                    verdict = ContractRules.Check(id, contract, entries, catalog);
                    var faults = verdict.Faults.Concat(MqttRules.Check(id, contract, c => catalog.FindService(c, new ConfigFaults())?.Kind, entries, broker)).ToList();
                    return faults.Count == 0 ? entries.With(id, contract) : throw new FaultyEntryException(faults);
                },
                tx => FrequencyStore.SaveAsync(tx, id, contract, clock.GetCurrentInstant()),
                http.RequestAborted,
                stated: id);
        }
        catch (FaultyEntryException e)
        {
            return ConfigProblem.Answer(http, e.Faults);
        }

        await publisher.PublishAllAsync(CancellationToken.None);
        http.Tag(EntityTags.Compute(contract));
        var detail = Detail(id, contract, host, table, verdict!.Warnings);
        return isNew ? Results.Created($"/v1/contracts/{contractId}", detail) : Results.Ok(detail);
    }

    private static IResult Get(string contractId, HttpContext http, PoolHost host, PoolTable table)
    {
        var (id, settings) = http.GetContract(host, contractId);
        http.Tag(EntityTags.Compute(settings));
        return Results.Ok(Detail(id, settings, host, table, []));
    }

    private static async Task<IResult> DeleteAsync(string contractId, HttpContext http, PoolHost host, Instructed instructed, Reservoirs reservoirs, ContractPublisher publisher, IClock clock)
    {
        var (id, _) = http.GetContract(host, contractId);
        var now = clock.GetCurrentInstant();
        await host.ChangeAsync(
            entries =>
            {
                http.RequireMatch(entries.Contract(id) is { } held ? EntityTags.Compute(held) : null);
                return entries.Without(id);
            },
            async tx =>
            {
                await FrequencyStore.DeleteContractAsync(tx, id, now);
                await ActivationStore.EndAsync(tx, id, now);
                await InstructionStore.EndAsync(tx, id, now);
                await OutageStore.EndAsync(tx, id, now);
                await ReservoirStore.EndAsync(tx, id);
            },
            http.RequestAborted,
            stated: id);
        instructed.Set(id, InstructionState.None);
        reservoirs.Remove(id);
        await publisher.PublishAllAsync(CancellationToken.None);
        return Results.NoContent();
    }

    private static IResult State(string contractId, HttpContext http, PoolHost host, PoolTable table, Recorder recorder, Reservoirs reservoirs, Instructed instructed, MqttHealth health, IClock clock)
    {
        var (id, _) = http.GetContract(host, contractId);
        var (pool, index) = table.GetPool(id);
        var view = pool.View();
        var service = view.Output.Services[index];
        var recorded = recorder.Find(pool, id.Key);
        var now = clock.GetCurrentInstant();
        return Results.Ok(new ContractState
        {
            Phase = service.Phase,
            Rung = service.Rung,
            Procured = service.Procured,
            FrequencyHz = Numbers.Known(service.FrequencyHz),
            TargetPu = Numbers.Known(service.TargetPu),
            Pu = Numbers.WithoutNegativeZero(service.Pu),
            ResponseW = Numbers.WithoutNegativeZero(service.ResponseW),
            Faults = ReasonNames.GetNames(service.Faults),
            Compliance = ComplianceState.Create(recorded?.Compliance ?? default, recorded?.LastWindow),
            Reservoir = ReservoirView.Create(pool, index, reservoirs.FindDuty(id), view, now),
            Instruction = instructed.GetState(id).CurrentAt(now) is { } current ? InstructionView.Create(current, now) : null,
            Mqtt = pool.Spec.Contracts[index].Settings.Mqtt is { } mqtt ? health.GetState(id, mqtt) : null,
            Outages = [.. host.Entries.GetOutages(id).Where(o => o.CancelledAt is null && o.From <= now && now < o.Until).Select(o => OutageView.Create(o, now))],
            Activation = recorded?.Tracker.Running,
            Pool = PoolState.Create(pool, view, host.GetLease(id.Tenant).IsHeld(host.NowNanos)),
            Sources = [.. pool.Spec.Sources.Select(s => SourceState.Create(s, host.Source(new EntryId(id.Tenant, s))))],
        });
    }

    private static IResult Baseline(string contractId, string? until, HttpContext http, PoolHost host, PoolTable table, IClock clock)
    {
        var (id, settings) = http.GetContract(host, contractId);
        var now = clock.GetCurrentInstant();
        var end = EntryAccess.Until(until, now, Duration.FromHours(4), Duration.FromDays(2));
        var (pool, _) = table.GetPool(id);
        return Results.Ok(new BaselineAnswer(id.Key, settings.SubmitsBaseline, BaselinePlan.Compute(pool.Spec, pool.View().State, now, end)));
    }

    private static async Task<IResult> SignalAsync(string contractId, HttpContext http, PoolHost host, PoolTable table, Signals signals)
    {
        var (id, _) = http.GetContract(host, contractId);
        if (StrictJson.Read<SignalBody>(await http.Request.ReadBodyAsync(4096, "application/json"), out var faults) is not { } signal)
        {
            return ConfigProblem.Answer(http, faults);
        }

        if (signal.Pu is < -1 or > 1 || (signal.Pu is null && signal.Recalled is null))
        {
            throw new ProblemException(ErrorClass.SemanticNumber, "pu is between -1 and 1 (+ = raise the frequency), or give recalled.", "/pu");
        }

        var (pool, index) = table.GetPool(id);
        var kind = pool.Spec.Contracts[index].Service.Kind;
        if (signal.Pu is not null && !pool.Spec.Contracts.Any(c => c.Service.Kind == ServiceKind.Signal))
        {
            throw new ProblemException(ErrorClass.SemanticCode,
                $"No contract of the pool follows a signal: {contractId} is {(kind switch { ServiceKind.Switched => "triggered by frequency; only recalled applies", ServiceKind.Instruction => "delivered by instruction", _ => "driven by frequency" })}.", "/pu");
        }

        if (signal.Recalled is not null && !pool.Spec.Contracts.Any(c => c.Service.Kind == ServiceKind.Switched))
        {
            throw new ProblemException(ErrorClass.SemanticCode, "No contract of the pool is switched by a trigger: there is nothing to call back.", "/recalled");
        }

        signals.Set(pool.Spec.Id, (double?)signal.Pu, signal.Recalled);
        host.Refresh(p => ReferenceEquals(p, pool));
        return Results.NoContent();
    }

    private static ContractDetail Detail(EntryId id, ContractSettings settings, PoolHost host, PoolTable table, IReadOnlyList<string> warnings) =>
        new(id.Key, settings, table.FindByContract(id)?.Spec.Id.Key, GetPhase(table, id).Phase, host.FindRefusal(id), warnings);

    private static (ServicePhase Phase, FailSafeRung Rung) GetPhase(PoolTable table, EntryId id)
    {
        if (table.FindByContract(id) is not { } pool)
        {
            return (ServicePhase.Disarmed, FailSafeRung.NotReady);
        }

        var service = pool.View().Output.Services[pool.Spec.Contracts.ToList().FindIndex(c => c.Key == id.Key)];
        return (service.Phase, service.Rung);
    }
}

/// <summary>What the operator of the grid sends.</summary>
public sealed record SignalBody
{
    /// <summary>Regulation signal, -1..1, + = raise.</summary>
    public decimal? Pu { get; init; }

    /// <summary>True calls switched services back.</summary>
    public bool? Recalled { get; init; }
}

/// <summary>An entry that can't be taken as things stand.</summary>
internal sealed class FaultyEntryException(IReadOnlyList<ConfigFault> faults) : Exception
{
    public IReadOnlyList<ConfigFault> Faults => faults;
}
