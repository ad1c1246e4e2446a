using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Instructions;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.FrequencyResponse.Service.Storage;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Documents;
using GridServices.Hosting.OpenApi;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Web;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Api;

/// <summary>What the grid operator instructs, over HTTP. An answer means that it is on disk.</summary>
internal static class InstructionEndpoints
{
    private const int MaxBody = 16 * 1024;
    private const string Listing = "/v1/contracts/{contractId}/instructions";

    public static void MapInstructions(this IEndpointRouteBuilder routes)
    {
        routes.MapPost(Listing, PostAsync).RequirePermission(Permission.Administer, Role.Publisher).WithTags("Instructions").WithName("postInstruction")
            .WithSummary("An instruction of the grid operator, or a changed one with a higher sequence")
            .WithDescription(
                "Its id is `instructionId`, or the Idempotency-Key where the body has none. The same id and sequence is answered again and done once; a lower sequence is refused. "
                + "`powerW` or `powerMw` is the change from the baseline, + raises the frequency (injects more), and `direction` says the same. Without `until` it runs until a cease or the "
                + "service's longest activation. It is stored before it is answered. A refusal's detail begins with its reason: outsideWindow, aboveContracted, belowMinimum, wrongDirection, "
                + "wrongTimes, recovery, overlap, tooManyActivations, over, lowerSequence, sequenceConflict, ended, tooManyRemembered.")
            .ReadsHeader(IdempotencyKey.Header, "Names the instruction where the body has no `instructionId`: the same rules as for that.")
            .Accepts<InstructionBody>("application/json").Produces<InstructionView>().Produces<InstructionView>(StatusCodes.Status201Created)
            .Refuses(ErrorClass.SemanticWindow, ErrorClass.SemanticExpired, ErrorClass.SeqRegression, ErrorClass.SeqConflict, ErrorClass.Conflict, ErrorClass.LimitCount);
        routes.MapPost(Listing + "/{instructionId}/cease", CeaseAsync).RequirePermission(Permission.Administer, Role.Publisher).WithTags("Instructions").WithName("ceaseInstruction")
            .WithSummary("End an instruction: now, or with the service's shortest activation")
            .WithDescription(
                "`sequence` may be left out: it then follows what is known. Ceasing again changes nothing. An instruction that is not known is remembered as ceased, so that it does not run when it comes late.")
            .RepeatsHarmlessly().Accepts<CeaseBody>("application/json").Produces<InstructionView>().Refuses(ErrorClass.SeqRegression, ErrorClass.SeqConflict, ErrorClass.LimitCount);
        routes.MapGet(Listing, ListAsync).RequirePermission(Permission.SeeSites).WithTags("Instructions").WithName("listInstructions")
            .WithSummary("The instructions of a contract, each with where it stands").Produces<ListOrPage<InstructionView>>();
    }

    private static async Task<IResult> PostAsync(string contractId, HttpContext http, PoolHost host, PoolTable table, IClock clock)
    {
        var (id, rules) = http.InstructedContract(host, table, contractId);
        if (StrictJson.Read<InstructionBody>(await http.Request.ReadBodyAsync(MaxBody, "application/json"), out var faults) is not { } body)
        {
            return ConfigProblem.Answer(http, faults);
        }

        var said = ToInstruction(http, body);
        var outcome = await host.InstructAsync(id, rules, state => new InstructionCommand.Instruct(Timed(said, body, state, clock)), http.RequestAborted);
        var view = Answered(outcome, said.Id, clock.GetCurrentInstant());
        return outcome.Answer!.Repeated ? Results.Ok(view) : Results.Created($"/v1/contracts/{contractId}/instructions", view);
    }

    private static async Task<IResult> CeaseAsync(string contractId, string instructionId, HttpContext http, PoolHost host, PoolTable table, IClock clock)
    {
        var (id, rules) = http.InstructedContract(host, table, contractId);
        var name = http.ParseId(instructionId).Key;
        if (StrictJson.Read<CeaseBody>(await http.Request.ReadBodyAsync(MaxBody, "application/json"), out var faults) is not { } body)
        {
            return ConfigProblem.Answer(http, faults);
        }

        if (body.Sequence is < 0)
        {
            throw new ProblemException(ErrorClass.SemanticNumber, "sequence is 0 or more.", "/sequence");
        }

        var outcome = await host.InstructAsync(id, rules, state => new InstructionCommand.Cease(name, body.Sequence ?? Following(state.Find(name))), http.RequestAborted);
        return Results.Ok(Answered(outcome, name, clock.GetCurrentInstant()));
    }

    private static async Task<IResult> ListAsync(
        string contractId, HttpContext http, PoolHost host, FrequencyStore entries, InstructionStore store, IClock clock, string? after = null, string? limit = null)
    {
        var (id, _) = await http.GetRecordedContractAsync(host, entries, contractId);
        var now = clock.GetCurrentInstant();
        var all = (await store.ListAsync(id, http.RequestAborted)).Select(e => InstructionView.Create(e, now)).OrderBy(v => v.InstructionId, StringComparer.Ordinal);
        return Paging.Answer(after, limit, all, v => v.InstructionId);
    }

    /// <exception cref="ProblemException">No such contract, not the caller's, or it is not delivered by instruction.</exception>
    private static (EntryId Id, InstructionRules Rules) InstructedContract(this HttpContext http, PoolHost host, PoolTable table, string contractId)
    {
        var (id, _) = http.GetContract(host, contractId);
        var (pool, index) = table.GetPool(id);
        var contract = pool.Spec.Contracts[index];
        return contract.Service.Kind == ServiceKind.Instruction
            ? (id, contract.Instructions)
            : throw new ProblemException(ErrorClass.SemanticCode, $"{contract.Service.Id} is not delivered by instruction; GET /v1/catalog shows which services are (kind instruction).");
    }

    /// <exception cref="ProblemException">A member is missing or can't be.</exception>
    private static GridInstruction ToInstruction(HttpContext http, InstructionBody body)
    {
        var name = body.InstructionId ?? http.Request.Headers[IdempotencyKey.Header].ToString();
        if (name.Length == 0)
        {
            throw new ProblemException(ErrorClass.SemanticId, "Give instructionId, or an Idempotency-Key.", "/instructionId");
        }

        var watts = (body.PowerW, body.PowerMw) switch
        {
            ({ } w, null) => w,
            (null, { } mw) when Math.Abs(mw) < 1_000_000m => (long)decimal.Truncate(mw * 1_000_000m),
            _ => throw new ProblemException(ErrorClass.SemanticNumber, "Write either powerW (W) or powerMw (MW), + raises the frequency.", "/powerW"),
        };
        return body.Sequence < 0
            ? throw new ProblemException(ErrorClass.SemanticNumber, "sequence is 0 or more, and rises with every message.", "/sequence")
            : new GridInstruction { Id = http.ParseId(name).Key, Sequence = body.Sequence, Direction = body.Direction, PowerW = watts, Start = body.From ?? Instant.MinValue, End = body.Until };
    }

    /// <summary>Without a start it starts now; sent again it still means the same.</summary>
    private static GridInstruction Timed(GridInstruction instruction, InstructionBody body, InstructionState state, IClock clock) =>
        body.From is not null ? instruction
        : state.Find(instruction.Id) is { Said: { } before } known && known.Sequence == instruction.Sequence ? instruction with { Start = before.Start }
        : instruction with { Start = clock.GetCurrentInstant() };

    /// <summary>The sequence of a cease that states none: the one before if that was a cease, else the next.</summary>
    private static long Following(InstructionEntry? known) =>
        known is null ? long.MaxValue : known.Said is null || known.Sequence == long.MaxValue ? known.Sequence : known.Sequence + 1;

    /// <exception cref="ProblemException">It is refused.</exception>
    private static InstructionView Answered(InstructionOutcome outcome, string name, Instant now)
    {
        var answer = outcome.Answer!;
        return answer.Refusal is not { } refusal
            ? InstructionView.Create(outcome.State.Find(name)!, now) with { Repeated = answer.Repeated }
            : throw new ProblemException(ToErrorClass(refusal), $"{Contracts.EnumNames<InstructionRefusal>.GetName(refusal)}: {answer.Detail}");
    }

    private static ErrorClass ToErrorClass(InstructionRefusal refusal) => refusal switch
    {
        InstructionRefusal.OutsideWindow or InstructionRefusal.WrongTimes => ErrorClass.SemanticWindow,
        InstructionRefusal.AboveContracted or InstructionRefusal.BelowMinimum or InstructionRefusal.WrongDirection => ErrorClass.SemanticNumber,
        InstructionRefusal.Over => ErrorClass.SemanticExpired,
        InstructionRefusal.LowerSequence => ErrorClass.SeqRegression,
        InstructionRefusal.SequenceConflict => ErrorClass.SeqConflict,
        InstructionRefusal.TooManyRemembered => ErrorClass.LimitCount,
        _ => ErrorClass.Conflict,
    };
}

/// <summary>An instruction, as it is sent.</summary>
public sealed record InstructionBody
{
    /// <summary>The operator's name for it; absent: the Idempotency-Key.</summary>
    public string? InstructionId { get; init; }

    /// <summary>Rises with every message about this instruction, a cease included.</summary>
    public long Sequence { get; init; }

    /// <summary>raise or lower; must agree with the sign of the power.</summary>
    public required ResponseDirection Direction { get; init; }

    /// <summary>Change from the baseline, W, + = raise the frequency; or <see cref="PowerMw"/>.</summary>
    public long? PowerW { get; init; }

    /// <summary>MW, + = raise the frequency; or <see cref="PowerW"/>.</summary>
    public decimal? PowerMw { get; init; }

    /// <summary>Start of delivery, inclusive; absent = now.</summary>
    public Instant? From { get; init; }

    /// <summary>End of delivery, exclusive: then it ramps down; absent = until a cease, or the longest activation.</summary>
    public Instant? Until { get; init; }
}

/// <summary>A cease, as it is sent.</summary>
public sealed record CeaseBody
{
    /// <summary>Higher than that of the instruction; absent = the next.</summary>
    public long? Sequence { get; init; }
}
