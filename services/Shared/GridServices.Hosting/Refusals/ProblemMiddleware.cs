using System.Text.Json;
using GridServices.Contracts;
using GridServices.Hosting.Storage;
using GridServices.Hosting.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace GridServices.Hosting.Refusals;

/// <summary>Outermost: turns every exception and every bare error status into a problem, and tells the caller nothing of our insides.</summary>
internal sealed partial class ProblemMiddleware(RequestDelegate next, TimeProvider time, ILogger<ProblemMiddleware> logger)
{
    // A store that is away refuses every request for the same reason: one line tells it.
    private readonly LogThrottle _quiet = new(time, TimeSpan.FromSeconds(10));

    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (Exception cut) when (context.RequestAborted.IsCancellationRequested && cut is OperationCanceledException or IOException)
        {
            return;
        }
        catch (Exception fault) when (context.Response.HasStarted)
        {
            // Too late for an answer: a cut connection is the only honest sign left.
            LogBroken(logger, context.Request.Method, context.Request.Path, fault);
            context.Abort();
            return;
        }
        catch (Exception fault)
        {
            await AnswerAsync(context, fault);
            return;
        }

        if (!context.Response.HasStarted && context.Response is { StatusCode: >= 400, ContentLength: null, ContentType: null })
        {
            await ProblemResult.WriteAsync(context, BareStatus(context));
        }
    }

    private async Task AnswerAsync(HttpContext context, Exception fault)
    {
        context.Response.Clear();
        switch (fault)
        {
            case ProblemException refused:
                await ProblemResult.WriteAsync(context, refused.Problem, refused.RetryAfter);
                break;
            case StoreUnavailableException away:
                if (_quiet.MayWrite(away.Message, out var heldBack))
                {
                    LogStoreAway(logger, context.Request.Method, context.Request.Path, away.Message, away.InnerException?.Message ?? string.Empty, heldBack);
                }

                await ProblemResult.WriteAsync(context, Problems.Create(ErrorClass.Unavailable, away.Message), TimeSpan.FromSeconds(5));
                break;
            case BadHttpRequestException bad:
                await ProblemResult.WriteAsync(context, BadRequest(bad));
                break;
            case JsonException bad:
                await ProblemResult.WriteAsync(context, Problems.Create(ErrorClass.Malformed, bad.Message, bad.Path));
                break;
            default:
                LogUnhandled(logger, context.Request.Method, context.Request.Path, fault);
                await ProblemResult.WriteAsync(
                    context, ErrorClass.Internal, "The service failed on this request; its log tells more under the trace id. The request may be sent again.");
                break;
        }
    }

    private static Problem BadRequest(BadHttpRequestException bad) => bad.StatusCode switch
    {
        StatusCodes.Status413PayloadTooLarge => Problems.Create(ErrorClass.LimitSize, "The body is larger than this endpoint takes."),
        StatusCodes.Status415UnsupportedMediaType => Problems.Create(ErrorClass.UnsupportedMedia, bad.Message),
        StatusCodes.Status408RequestTimeout => Problems.Create(ErrorClass.Timeout, "The body came too slowly.") with { Status = StatusCodes.Status408RequestTimeout },
        _ when bad.InnerException is JsonException json => Problems.Create(ErrorClass.Malformed, json.Message, json.Path),
        _ => Problems.Create(ErrorClass.Malformed, bad.Message),
    };

    private static Problem BareStatus(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => Problems.Create(ErrorClass.NotFound, $"There is nothing at {context.Request.Path}."),
        StatusCodes.Status405MethodNotAllowed => Problems.Create(
            ErrorClass.Method, $"{context.Request.Method} is not offered at {context.Request.Path}; allowed: {context.Response.Headers.Allow}."),
        StatusCodes.Status415UnsupportedMediaType => Problems.Create(
            ErrorClass.UnsupportedMedia, $"This endpoint does not read '{context.Request.ContentType}'."),
        StatusCodes.Status413PayloadTooLarge => Problems.Create(ErrorClass.LimitSize, "The body is larger than this endpoint takes."),
        StatusCodes.Status401Unauthorized => Problems.Create(ErrorClass.AuthnRequired, "Send 'Authorization: Bearer <token>'."),
        StatusCodes.Status403Forbidden => Problems.Create(ErrorClass.AuthzRole, "This token may not do this."),
        StatusCodes.Status503ServiceUnavailable => Problems.Create(ErrorClass.Unavailable, "Not available now; try again."),
        >= 500 => Problems.Create(ErrorClass.Internal, "The service failed on this request."),
        var status => Problems.Create(ErrorClass.Malformed, $"The request was refused with status {status}.") with { Status = status },
    };

    [LoggerMessage(EventIds.ProblemMiddlewareUnhandled, LogLevel.Error, "{Method} {Path} failed")]
    private static partial void LogUnhandled(ILogger logger, string method, PathString path, Exception fault);

    [LoggerMessage(EventIds.ProblemMiddlewareBroken, LogLevel.Warning, "{Method} {Path} broke off after its answer had begun")]
    private static partial void LogBroken(ILogger logger, string method, PathString path, Exception fault);

    [LoggerMessage(EventIds.ProblemMiddlewareStoreAway, LogLevel.Error, "{Method} {Path} was answered 503: {Reason} {Cause} ({HeldBack} more for this reason since the last such line)")]
    private static partial void LogStoreAway(ILogger logger, string method, PathString path, string reason, string cause, long heldBack);
}
