using GridServices.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace GridServices.Hosting;

/// <summary>What stands between the service and doing its work: null = nothing, else one line for people.</summary>
/// <param name="Name">Short, lower case.</param>
/// <param name="CheckAsync">Must answer within a few seconds; asked on each readiness request.</param>
/// <param name="Fails">Whether what it finds makes the service unready; false: it is only told.</param>
internal sealed record ReadyCheck(string Name, Func<CancellationToken, Task<string?>> CheckAsync, bool Fails = true);

/// <summary>The answer of <c>/health/live</c> and <c>/health/ready</c>.</summary>
public sealed record HealthAnswer(string Status, IReadOnlyList<HealthCheck> Checks);

/// <summary>One part of it; <see cref="Detail"/> only where it fails, or where people should know although the service goes on.</summary>
public sealed record HealthCheck(string Name, bool Ok, string? Detail = null);

/// <summary>Liveness (restart me?) and readiness (send me work?).</summary>
public static class Health
{
    private static readonly TimeSpan CheckTime = TimeSpan.FromSeconds(4);

    /// <summary>Adds a condition for readiness: null = fine, else one line that says what is missing.</summary>
    public static IServiceCollection AddReadyCheck(
        this IServiceCollection services, string name, Func<IServiceProvider, Func<CancellationToken, Task<string?>>> check) =>
        services.AddSingleton(provider => new ReadyCheck(name, ct => check(provider)(ct)));

    /// <summary>Adds something that people should know and that is no reason to send the service no work: null = nothing.</summary>
    public static IServiceCollection AddReadyNote(
        this IServiceCollection services, string name, Func<IServiceProvider, Func<CancellationToken, Task<string?>>> check) =>
        services.AddSingleton(provider => new ReadyCheck(name, ct => check(provider)(ct), Fails: false));

    internal static void AddHealth(this IServiceCollection services) => services.AddSingleton<Liveness>().AddHostedService<ClockWatch>();

    internal static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health/live", (Liveness liveness) => Answer("live", "stuck", liveness.Checks())).ExcludeFromDescription().OpenOnLoopback();
        routes.MapGet("/health/ready", async (IEnumerable<ReadyCheck> checks, Standby standby, HttpContext context, TimeProvider time) =>
            Answer("ready", "notReady", standby.WaitsFor is { } reason
                ? [new HealthCheck("store", false, reason)]
                : await Task.WhenAll(checks.Select(check => AskAsync(check, time, context.RequestAborted)))))
            .ExcludeFromDescription().OpenOnLoopback();
    }

    private static IResult Answer(string good, string bad, IReadOnlyList<HealthCheck> checks)
    {
        var ok = checks.All(check => check.Ok);
        return Results.Json(
            new HealthAnswer(ok ? good : bad, checks), ContractJson.Options, statusCode: ok ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<HealthCheck> AskAsync(ReadyCheck check, TimeProvider time, CancellationToken ct)
    {
        try
        {
            var detail = await check.CheckAsync(ct).WaitAsync(CheckTime, time, ct);
            return new HealthCheck(check.Name, detail is null || !check.Fails, detail);
        }
        catch (TimeoutException)
        {
            return new HealthCheck(check.Name, false, $"no answer within {CheckTime.TotalSeconds} s");
        }
    }
}
