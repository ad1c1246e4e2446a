using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using GridServices.Contracts;
using Microsoft.AspNetCore.Http;

namespace GridServices.Hosting.Refusals;

/// <summary>Writes a <see cref="Problem"/> as <c>application/problem+json</c> with its own status, the request's path and its trace id.</summary>
public static class ProblemResult
{
    public const string MediaType = "application/problem+json";

    /// <summary>An endpoint's refusal as a value.</summary>
    public static IResult Create(ErrorClass errorClass, string detail, string? pointer = null) => new Answer(Problems.Create(errorClass, detail, pointer));

    /// <inheritdoc cref="Create(ErrorClass, string, string?)"/>
    public static IResult Create(Problem problem) => new Answer(problem);

    internal static Task WriteAsync(HttpContext context, ErrorClass errorClass, string detail) =>
        WriteAsync(context, Problems.Create(errorClass, detail));

    internal static Task WriteAsync(HttpContext context, Problem problem, TimeSpan? retryAfter = null)
    {
        var response = context.Response;
        response.StatusCode = problem.Status;
        response.ContentType = MediaType;
        response.Headers.CacheControl = "no-store";
        if (retryAfter is { } wait)
        {
            response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }

        var full = problem with
        {
            Instance = problem.Instance ?? context.Request.Path.Value,
            TraceId = problem.TraceId ?? Activity.Current?.TraceId.ToHexString() ?? context.TraceIdentifier,
        };
        var body = JsonSerializer.SerializeToUtf8Bytes(full, ContractJson.ForPeople);
        response.ContentLength = body.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }

    private sealed class Answer(Problem problem) : IResult, IStatusCodeHttpResult, IValueHttpResult, IValueHttpResult<Problem>
    {
        public int? StatusCode => problem.Status;

        public Problem Value => problem;

        object IValueHttpResult.Value => problem;

        public Task ExecuteAsync(HttpContext httpContext) => WriteAsync(httpContext, problem);
    }
}
