using System.Collections.Immutable;
using System.Net.Mime;
using System.Text.Json;
using System.Text.Json.Nodes;
using GridServices.Contracts;
using GridServices.Hosting.OpenApi;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Web;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Readers;
using GridServices.Wire;
using Microsoft.Net.Http.Headers;

namespace GridServices.Tariffs.Service.Calculations;

/// <summary>How this service answers: calculated values with decimals as texts, refusals with every fault in <c>errors</c>.</summary>
internal static class Responses
{
    /// <summary>16 MiB: a year of one-minute intervals.</summary>
    public const int MaxBody = 16 * 1024 * 1024;

    /// <summary>What every calculation may answer beside what follows from its body.</summary>
    public static RouteHandlerBuilder RefusesCalculation(this RouteHandlerBuilder endpoint) => endpoint
        .Refuses([ErrorClass.DataGap, .. Data])
        .RefusesAs(StatusCodes.Status406NotAcceptable, ErrorClass.UnsupportedMedia);

    /// <summary>What interval data may be refused for.</summary>
    public static readonly ErrorClass[] Data =
    [
        ErrorClass.DataConflict, ErrorClass.DataDuplicate, ErrorClass.DataGap, ErrorClass.DataMisaligned, ErrorClass.DataOverlap, ErrorClass.DataUnordered,
        ErrorClass.TimeAmbiguous, ErrorClass.TimeNonexistent,
    ];

    /// <summary>A page of a list that can also be had whole.</summary>
    public static IResult Page<T>(Page<T> page) => new PageResult<T>(page, TariffJson.AnswerOptions);

    public static IResult Json<T>(T value) => Results.Bytes(JsonSerializer.SerializeToUtf8Bytes(value, TariffJson.AnswerOptions), "application/json");

    /// <summary>Refuses what cannot be given instead of giving something else.</summary>
    /// <exception cref="ProblemException">406: the Accept header allows none of the forms.</exception>
    private static void Require(HttpRequest request, params string[] forms)
    {
        if (request.Headers.Accept.Count > 0 && MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var accepted)
            && !forms.Any(form => accepted.Any(a => a.Quality != 0 && new MediaTypeHeaderValue(form).IsSubsetOf(WithoutParameters(a)))))
        {
            throw new ProblemException(
                Problems.Create(ErrorClass.UnsupportedMedia,
                    $"This is answered as {string.Join(" or ", forms)}, none of which Accept allows; leave the header out, or name one.") with
                { Status = StatusCodes.Status406NotAcceptable });
        }
    }

    /// <summary>Charset and quality do not matter to whether a form fits.</summary>
    private static MediaTypeHeaderValue WithoutParameters(MediaTypeHeaderValue accepted) => new(accepted.MediaType);

    /// <summary>Calculates when its turn comes, or tells why that cannot be.</summary>
    public static async Task<IResult> CalculateAsync<T>(HttpContext http, ReadResult<T> read, Func<T, IResult> calculate, params string[] forms)
        where T : class
    {
        Require(http.Request, forms.Length > 0 ? forms : [MediaTypeNames.Application.Json]);
        if (!read.Ok)
        {
            return Refused(http, read.Refusals);
        }

        using var turn = await AcquireAsync(http);
        return Calculated(() => calculate(read.Value!));
    }

    /// <summary>Reads too when its turn comes: for requests that are many times as large in memory as in their body.</summary>
    public static async Task<IResult> CalculateAsync<T>(HttpContext http, Func<ReadResult<T>> read, Func<T, ImmutableArray<Finding>, IResult> calculate)
        where T : class
    {
        Require(http.Request, MediaTypeNames.Application.Json);
        using var turn = await AcquireAsync(http);
        var request = read();
        return request.Ok ? Calculated(() => calculate(request.Value!, request.Warnings)) : Refused(http, request.Refusals);
    }

    private static Task<IDisposable> AcquireAsync(HttpContext http) => http.RequestServices.GetRequiredService<CalculationLimiter>().AcquireAsync(http.RequestAborted);

    private static IResult Calculated(Func<IResult> calculate)
    {
        try
        {
            return calculate();
        }
        catch (BillRefusedException e)
        {
            return ProblemResult.Create(ErrorClass.DataGap, e.Message);
        }
        catch (OverflowException)
        {
            return ProblemResult.Create(ErrorClass.SemanticNumber, "The numbers of this request are too large to be calculated exactly; check units and magnitudes.");
        }
    }

    public static IResult Refused(HttpContext http, ImmutableArray<ReadError> refusals)
    {
        var first = refusals[0];
        var detail = refusals.Length == 1 ? first.ToString() : $"{refusals.Length} faults, see errors. The first: {first}";
        var problem = Problems.Create(first.Class, detail, first.Path) with { Instance = http.Request.Path };
        var body = JsonSerializer.SerializeToNode(problem, ContractJson.Options)!.AsObject();
        body["errors"] = new JsonArray([.. refusals.Take(MostErrors).Select(r => new JsonObject
        {
            ["class"] = Problems.GetName(r.Class), ["pointer"] = r.Path, ["detail"] = r.Detail,
        })]);
        return Results.Text(body.ToJsonString(), ProblemResult.MediaType, statusCode: problem.Status);
    }

    /// <summary>What was odd about a request that was answered all the same.</summary>
    public static IReadOnlyList<Warning> Warnings(ImmutableArray<Finding> findings) => [.. findings.Select(f => new Warning(Problems.GetName(f.Class), f.Path, f.Detail))];

    private const int MostErrors = 100;
}

/// <summary>Something odd about a request.</summary>
/// <param name="Class">The error class it would be if it were worse.</param>
/// <param name="Pointer">Where in the request.</param>
/// <param name="Detail">What, in words.</param>
public sealed record Warning(string Class, string Pointer, string Detail);
