using System.Net.Mime;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.Hosting.Auth;
using GridServices.Hosting.OpenApi;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Web;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Ocpi;
using GridServices.Tariffs.Readers;
using GridServices.Tariffs.Service.Calculations;
using GridServices.Tariffs.Time;
using GridServices.Tariffs.Urdb;
using Microsoft.Net.Http.Headers;
using NodaTime;

namespace GridServices.Tariffs.Service.Registry;

/// <summary>The registry of tariffs.</summary>
internal static class TariffEndpoints
{
    private const int MaxBody = 8 * 1024 * 1024;
    private const int MaxVersion = 128;

    public static void MapTariffs(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/tariffs", ListAsync)
            .RequirePermission(Permission.SeeSettings, Role.Publisher).WithName("listTariffs").WithTags("Tariffs")
            .WithSummary("All tariffs, each with its versions").WithDescription("In the order of their ids, a page at a time.")
            .Produces<Page<TariffItem>>();
        routes.MapDelete("/v1/tariffs/{tariffId}", DeleteAsync)
            .RequirePermission(Permission.Settle).WithName("deleteTariff").WithTags("Tariffs")
            .WithSummary("Delete all versions of a tariff that nothing uses")
            .WithDescription("409 names the meters and the running billing runs that use it: give these another tariff first, or wait for the runs. Also where a version that somebody else put waits for approval: approve it or turn it down first. If-Match names the version put last. "
                + "Where the setting Approval:Tariffs (or that of the tenant) is required, the first call only asks for it (202) and changes nothing; the same call by somebody with another token deletes (204). A version that is put, approved or turned down in between withdraws it.")
            .Produces(StatusCodes.Status204NoContent).Produces<TariffDeletion>(StatusCodes.Status202Accepted).Refuses(ErrorClass.Conflict).TakesIfMatch();
        routes.MapPut("/v1/tariffs/{tariffId}", PutAsync)
            .RequirePermission(Permission.Settle).WithName("putTariff").ReadsQuery("format", "timeZone", "currency", "fixedDays", "ratchets").WithTags("Tariffs")
            .WithSummary("Store a version of a tariff: our own schema, or imported with format=urdb or format=ocpi")
            .WithDescription("Put again under another version for a change; If-Match replaces a held version. Query for urdb: timeZone, currency, fixedDays, ratchets. "
                + "Where the setting Approval:Tariffs (or that of the tenant) is required, the version is held (202, state held): no bill, live meter or calculation uses it until somebody with another token approves it.")
            .Accepts<OneOf<Tariff, JsonElement>>(MediaTypeNames.Application.Json).Produces<TariffPut>().Produces<TariffPut>(StatusCodes.Status201Created)
            .Produces<TariffPut>(StatusCodes.Status202Accepted).Refuses(ErrorClass.Conflict)
            .TakesIfMatch("The ETag of the held version, or *: the body takes its place. Absent: a held version with other content is refused.")
            .WritesHeader("ETag", "Of the stored version: SHA-256 of its content.");
        routes.MapGet("/v1/tariffs/{tariffId}", GetAsync)
            .RequirePermission(Permission.SeeSettings, Role.Publisher).WithName("getTariff").ReadsQuery("version", "state")
            .Explains("state", "held = a version that waits for approval; absent = one in force.").WithTags("Tariffs")
            .WithSummary("A stored tariff; version names one of several, else the one put last")
            .ReadsHeader("If-None-Match", "The ETag of what is held: 304 where it is still that.").WritesHeader("ETag", "SHA-256 of the content.")
            .Produces<JsonElement>().Produces(StatusCodes.Status304NotModified);
    }

    private static async Task<IResult> PutAsync(string tariffId, HttpContext http, TariffStore tariffs, HeldTariffs held, ApprovalOptions approval, IClock clock)
    {
        RequireId(tariffId);
        var body = await http.Request.ReadBodyAsync(MaxBody, MediaTypeNames.Application.Json);
        var read = Read(tariffId, http.Request.Query, body);
        if (!read.Ok)
        {
            return Responses.Refused(http, read.Refusals);
        }

        var (tariff, caller, ifMatch) = (read.Value!, http.Caller(), Held(http.Request.Headers.IfMatch));
        http.Response.Headers.ETag = $"\"{tariff.Hash}\"";
        var answer = new TariffPut(tariffId, tariff.Version, tariff.Kind, tariff.Hash, TariffState.InForce, Responses.Warnings(read.Warnings));
        if (approval.AppliesTo(caller.Tenant))
        {
            var isHeld = await held.PutAsync(caller.Tenant, tariff, ifMatch, caller.TokenId, clock.GetCurrentInstant(), http.RequestAborted)
                || (await held.ListVersionsAsync(caller.Tenant, tariffId, http.RequestAborted)).Any(h => h.Version == tariff.Version);
            return isHeld ? Results.Accepted(uri: null, answer with { State = TariffState.Held }) : Results.Ok(answer);
        }

        var isNew = await tariffs.PutAsync(caller.Tenant, tariff, ifMatch, caller.TokenId, clock.GetCurrentInstant(), http.RequestAborted);
        return isNew ? Results.Created($"/v1/tariffs/{tariffId}", answer) : Results.Ok(answer);
    }

    private static async Task<IResult> ListAsync(HttpContext http, TariffStore tariffs, string? after = null, string? limit = null)
    {
        var page = Paging.Parse(after, limit) ?? new Paging(null, Paging.Most);
        var listed = await tariffs.ListAsync(http.Caller().Tenant, page.After ?? string.Empty, page.Limit + 1, http.RequestAborted);
        return Responses.Json(page.Cut(listed, t => t.TariffId));
    }

    private static async Task<IResult> DeleteAsync(string tariffId, HttpContext http, TariffStore tariffs, ApprovalOptions approval, IClock clock)
    {
        RequireId(tariffId);
        var caller = http.Caller();
        var isDeleted = await tariffs.DeleteAsync(
            caller.Tenant, tariffId, latest => http.RequireMatch($"\"{latest}\""), approval.AppliesTo(caller.Tenant), caller.TokenId, clock.GetCurrentInstant(), http.RequestAborted);
        return isDeleted ? Results.NoContent() : Results.Accepted(uri: null, new TariffDeletion(tariffId, TariffState.DeletionAsked));
    }

    private static async Task<IResult> GetAsync(string tariffId, HttpContext http, TariffStore tariffs, HeldTariffs approval)
    {
        RequireId(tariffId);
        var wanted = http.Request.Query["version"].ToString();
        IEnumerable<StoredTariff> versions = http.Request.Query["state"].ToString() switch
        {
            "" => await tariffs.VersionsAsync(http.Caller().Tenant, tariffId, http.RequestAborted),
            "held" => (await approval.ListVersionsAsync(http.Caller().Tenant, tariffId, http.RequestAborted)).Select(h => h.Tariff),
            _ => throw new ProblemException(ErrorClass.SemanticCode, "state is held, or left out for versions in force.", "state"),
        };
        if (versions.FirstOrDefault(v => wanted.Length == 0 || v.Version == wanted) is not { } tariff)
        {
            return ProblemResult.Create(ErrorClass.NotFound, $"There is no tariff '{tariffId}'{(wanted.Length > 0 ? " of that version" : string.Empty)}.");
        }

        http.Response.Headers.ETag = $"\"{tariff.Hash}\"";
        http.Response.Headers.CacheControl = "no-cache";
        return Held(http.Request.Headers.IfNoneMatch) is { } held && (held == "*" || held == tariff.Hash)
            ? Results.StatusCode(StatusCodes.Status304NotModified)
            : Results.Text(tariff.Content, MediaTypeNames.Application.Json);
    }

    private static ReadResult<StoredTariff> Read(string tariffId, IQueryCollection query, ReadOnlyMemory<byte> body) => query["format"].ToString() switch
    {
        "" or "own" => Own(tariffId, TariffJson.Read(body), isImport: false),
        "urdb" => Own(tariffId, UrdbImport.Read(body, Urdb(query)), isImport: true),
        "ocpi" => Ocpi(tariffId, OcpiJson.ReadTariff(body), body),
        _ => throw new ProblemException(ErrorClass.SemanticCode, "format is own (default), urdb or ocpi.", "format"),
    };

    private static ReadResult<StoredTariff> Own(string tariffId, ReadResult<Tariff> read, bool isImport)
    {
        if (!read.Ok)
        {
            return new ReadResult<StoredTariff>(null, read.Refusals, read.Warnings);
        }

        if (!isImport && read.Value!.Id != tariffId)
        {
            throw new ProblemException(ErrorClass.SemanticId, $"The tariff calls itself by another id than its path, '{tariffId}'; make them equal.", "/id");
        }

        var tariff = CompiledTariff.Compile(read.Value! with { Id = tariffId });
        if (tariff.Source.Version.Length is 0 or > MaxVersion)
        {
            throw new ProblemException(ErrorClass.SemanticText, $"A version has 1 to {MaxVersion} characters.", "/version");
        }

        var stored = new StoredTariff
        {
            TariffId = tariffId,
            Version = tariff.Source.Version,
            Kind = StoredTariff.Own,
            Hash = tariff.Hash,
            Content = Encoding.UTF8.GetString(TariffJson.Write(tariff.Source)),
        };
        return new ReadResult<StoredTariff>(stored, [], read.Warnings);
    }

    private static ReadResult<StoredTariff> Ocpi(string tariffId, ReadResult<OcpiTariff> read, ReadOnlyMemory<byte> body)
    {
        var stored = read.Ok
            ? new StoredTariff
            {
                TariffId = tariffId,
                Version = "ocpi",
                Kind = StoredTariff.Ocpi,
                Hash = Convert.ToHexStringLower(SHA256.HashData(body.Span)),
                Content = Encoding.UTF8.GetString(body.Span)
            }
            : null;
        return new ReadResult<StoredTariff>(stored, read.Refusals, read.Warnings);
    }

    private static UrdbOptions Urdb(IQueryCollection query) => new()
    {
        TimeZone = query["timeZone"].ToString() is { Length: > 0 } zone ? zone : null,
        Currency = query["currency"].ToString() is { Length: > 0 } currency ? currency : "USD",
        FixedDayRule = query["fixedDays"].ToString() switch
        {
            "" or "day" => FixedPer.Day,
            "meanMonthDay" => FixedPer.MeanMonthDay,
            _ => throw new ProblemException(ErrorClass.SemanticCode, "fixedDays is day or meanMonthDay.", "fixedDays"),
        },
        Ratchets = query["ratchets"].ToString() switch
        {
            "" or "true" => true,
            "false" => false,
            _ => throw new ProblemException(ErrorClass.SemanticCode, "ratchets is true or false.", "ratchets"),
        },
    };

    internal static void RequireId(string tariffId)
    {
        if (!Identifiers.IsSafe(tariffId))
        {
            throw new ProblemException(ErrorClass.SemanticId, "A tariff's id has 1 to 128 of A-Z a-z 0-9 . _ : ~ - , begins with a letter, digit or _ and holds no '..'.", "tariffId");
        }
    }

    private static string? Held(Microsoft.Extensions.Primitives.StringValues header) =>
        EntityTagHeaderValue.TryParseList(header, out var tags) && tags.Count > 0 ? tags[0].Tag.Value!.Trim('"') : null;
}

/// <summary>A stored tariff.</summary>
/// <param name="TariffId">Its id.</param>
/// <param name="Kind">own or ocpi.</param>
/// <param name="Versions">Those in force, the one put last first.</param>
/// <param name="Held">Those that wait for approval; nothing uses them.</param>
/// <param name="UpdatedAt">When the last one was put.</param>
public sealed record TariffItem(string TariffId, string Kind, IReadOnlyList<TariffVersion> Versions, IReadOnlyList<HeldVersion> Held, Instant UpdatedAt);

/// <summary>A version that waits for approval.</summary>
/// <param name="Version">Its name.</param>
/// <param name="Hash">SHA-256 of its content; its ETag.</param>
/// <param name="By">The token that put it, which may not approve it.</param>
/// <param name="At">When.</param>
public sealed record HeldVersion(string Version, string Hash, string By, Instant At);

/// <summary>A deletion that waits for a second person.</summary>
/// <param name="TariffId">Of which tariff.</param>
/// <param name="State">deletionAsked: it is in force until somebody with another token deletes it too.</param>
public sealed record TariffDeletion(string TariffId, TariffState State);

/// <summary>One version of a tariff.</summary>
/// <param name="Version">Its name.</param>
/// <param name="Hash">SHA-256 of its content; its ETag.</param>
public sealed record TariffVersion(string Version, string Hash);

/// <summary>What was stored.</summary>
/// <param name="TariffId">Its id, for <c>tariffId</c> in requests.</param>
/// <param name="Version">The version put.</param>
/// <param name="Kind">own or ocpi.</param>
/// <param name="Hash">SHA-256 of the stored content; the ETag.</param>
/// <param name="State">inForce, or held for approval.</param>
/// <param name="Warnings">What was odd but usable.</param>
public sealed record TariffPut(string TariffId, string Version, string Kind, string Hash, TariffState State, IReadOnlyList<Warning> Warnings);
