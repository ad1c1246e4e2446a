using GridServices.Contracts;
using GridServices.FrequencyResponse.Service.HotPath;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.FrequencyResponse.Service.Storage;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Refusals;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Api;

/// <summary>Finding what a request is about, within what its caller may see.</summary>
internal static class EntryAccess
{
    private static readonly Duration LongestSpan = Duration.FromDays(92);

    /// <exception cref="ProblemException">The name can't be one.</exception>
    public static EntryId ParseId(this HttpContext http, string key) => Identifiers.IsSafe(key)
        ? new EntryId(http.Caller().Tenant, key)
        : throw new ProblemException(ErrorClass.SemanticId, "A name has 1 to 128 of A-Z a-z 0-9 . _ : ~ - , begins with a letter, digit or _ and holds no '..'.");

    /// <exception cref="ProblemException">No such contract in the caller's tenant, or its site is not the caller's.</exception>
    public static (EntryId Id, ContractSettings Settings) GetContract(this HttpContext http, PoolHost host, string contractId)
    {
        var id = http.ParseId(contractId);
        var settings = host.Entries.Contract(id)
            ?? throw new ProblemException(ErrorClass.NotFound, $"There is no contract '{SafeText.Line(contractId)}'. GET /v1/contracts lists those there are.");
        http.Caller().RequireSite(settings.SiteId);
        return (id, settings);
    }

    /// <summary>A contract that is, or was: records outlive it.</summary>
    /// <exception cref="ProblemException">There never was one in the caller's tenant, or its site is not the caller's.</exception>
    public static async Task<(EntryId Id, ContractSettings Settings)> GetRecordedContractAsync(this HttpContext http, PoolHost host, FrequencyStore store, string contractId)
    {
        var id = http.ParseId(contractId);
        if (host.Entries.Contract(id) is null && await store.EndedAsync(id, http.RequestAborted) is { } ended)
        {
            http.Caller().RequireSite(ended.SiteId);
            return (id, ended);
        }

        return http.GetContract(host, contractId);
    }

    /// <exception cref="ProblemException">It is stored and does not run.</exception>
    public static (Pool Pool, int Index) GetPool(this PoolTable table, EntryId contract)
    {
        var pool = table.FindByContract(contract)
            ?? throw new ProblemException(ErrorClass.Unavailable, "The contract does not run; GET /v1/contracts/{contractId} says why.");
        return (pool, pool.Spec.Contracts.ToList().FindIndex(c => c.Key == contract.Key));
    }

    /// <summary>[from, until) of a query; by default the last day.</summary>
    /// <exception cref="ProblemException">No instants, or the wrong way round.</exception>
    public static (Instant From, Instant Until) Span(string? from, string? until, Instant now) => Span(from, until, now, Duration.FromDays(1));

    /// <summary>[from, until) of a query; by default what is usual, until now.</summary>
    /// <exception cref="ProblemException">No instants, or the wrong way round.</exception>
    public static (Instant From, Instant Until) Span(string? from, string? until, Instant now, Duration usual)
    {
        var end = Parse(until, "until") ?? now;
        var begin = Parse(from, "from") ?? end - usual;
        return begin < end ? (begin, end) : throw new ProblemException(ErrorClass.SemanticWindow, "from must be before until.", "from");
    }

    /// <exception cref="ProblemException">Longer than settlement periods are listed at once.</exception>
    public static void RequireSpan(Instant from, Instant until)
    {
        if (until - from > LongestSpan)
        {
            throw new ProblemException(ErrorClass.SemanticWindow, "At most 92 days at once.", "from");
        }
    }

    /// <summary>Whether a table is asked for in place of JSON.</summary>
    /// <exception cref="ProblemException">Neither.</exception>
    public static bool IsCsv(string? format) => format switch
    {
        null or "" or "json" => false,
        "csv" => true,
        _ => throw new ProblemException(ErrorClass.SemanticCode, "format is json or csv.", "format"),
    };

    /// <summary>The end of a span that begins now.</summary>
    /// <exception cref="ProblemException">No instant, past, or too far.</exception>
    public static Instant Until(string? until, Instant now, Duration usual, Duration most)
    {
        var end = Parse(until, "until") ?? now + usual;
        return end > now && end - now <= most ? end : throw new ProblemException(ErrorClass.SemanticWindow, $"until must be after now and within {most.TotalHours:0} hours.", "until");
    }

    private static Instant? Parse(string? text, string name) =>
        string.IsNullOrEmpty(text) ? null
        : TimeText.TryInstant(text, out var at) ? at
        : throw new ProblemException(ErrorClass.SemanticTime, $"{name} must be an instant in UTC such as 2027-01-15T18:00:00Z.", name);
}
