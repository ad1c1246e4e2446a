using GridServices.Contracts;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace GridServices.Hosting.Health;

/// <summary>The answer of <c>/health/live</c> and <c>/health/ready</c>.</summary>
public sealed record HealthAnswer(string Status, IReadOnlyList<HealthCheck> Checks);

/// <summary>One part of it; <see cref="Detail"/> only where it fails, or where people should know although the service goes on.</summary>
public sealed record HealthCheck(string Name, bool Ok, string? Detail = null);

/// <summary>Liveness (restart me?) and readiness (send me work?), by ASP.NET Core's health checks.</summary>
public static class HealthExtensions
{
    private static readonly TimeSpan CheckTime = TimeSpan.FromSeconds(4);

    /// <summary>Adds a condition for readiness: null = fine, else one line that says what is missing.</summary>
    /// <param name="services">Of the service.</param>
    /// <param name="name">Short, lower case.</param>
    /// <param name="check">Must answer within a few seconds; asked on each readiness request.</param>
    public static IServiceCollection AddReadyCheck(
        this IServiceCollection services, string name, Func<IServiceProvider, Func<CancellationToken, Task<string?>>> check) => services.Add(name, check, HealthStatus.Unhealthy);

    /// <summary>Adds something that people should know and that is no reason to send the service no work: null = nothing.</summary>
    /// <param name="services">Of the service.</param>
    /// <param name="name">Short, lower case.</param>
    /// <param name="check">Must answer within a few seconds; asked on each readiness request.</param>
    public static IServiceCollection AddReadyNote(
        this IServiceCollection services, string name, Func<IServiceProvider, Func<CancellationToken, Task<string?>>> check) => services.Add(name, check, HealthStatus.Degraded);

    internal static void AddHealth(this IServiceCollection services) => services.AddSingleton<Liveness>().AddHostedService<ClockWatch>().AddHealthChecks();

    internal static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health/live", (Liveness liveness) => Answer("live", "stuck", liveness.Checks())).ExcludeFromDescription().OpenOnLoopback();
        routes.MapGet("/health/ready", async (HealthCheckService health, Standby standby, CancellationToken ct) =>
            Answer("ready", "notReady", standby.WaitsFor is { } reason
                ? [new HealthCheck("store", false, reason)]
                : [.. (await health.CheckHealthAsync(ct)).Entries.Select(e => new HealthCheck(e.Key, e.Value.Status != HealthStatus.Unhealthy, e.Value.Description))]))
            .ExcludeFromDescription().OpenOnLoopback();
    }

    private static IServiceCollection Add(
        this IServiceCollection services, string name, Func<IServiceProvider, Func<CancellationToken, Task<string?>>> check, HealthStatus failure) =>
        services.AddHealthChecks().Add(new HealthCheckRegistration(name, s => new ReadyCheck(check(s), s.GetRequiredService<TimeProvider>()), failure, null)).Services;

    private static IResult Answer(string good, string bad, IReadOnlyList<HealthCheck> checks)
    {
        var ok = checks.All(check => check.Ok);
        return Results.Json(
            new HealthAnswer(ok ? good : bad, checks), ContractJson.Options, statusCode: ok ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }

    private sealed class ReadyCheck(Func<CancellationToken, Task<string?>> ask, TimeProvider time) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            try
            {
                var detail = await ask(cancellationToken).WaitAsync(CheckTime, time, cancellationToken);
                return detail is null ? HealthCheckResult.Healthy() : new HealthCheckResult(context.Registration.FailureStatus, detail);
            }
            catch (TimeoutException)
            {
                return HealthCheckResult.Unhealthy($"no answer within {CheckTime.TotalSeconds} s");
            }
        }
    }
}
