using GridServices.Hosting.Auth;
using Hangfire;
using Hangfire.Dashboard;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace GridServices.Hosting;

/// <summary><c>/jobs</c>: the plan of the recurring jobs and what came of them. Who may not do everything in its tenant can look only.</summary>
internal static class JobDashboard
{
    private const string Path = "/jobs";

    internal static void MapJobs(this IEndpointRouteBuilder routes)
    {
        var options = new DashboardOptions
        {
            // Access is settled by our own roles before a request comes here; by itself Hangfire lets in whoever is local.
            Authorization = [new Admitted()],
            IsReadOnlyFunc = context => !context.GetHttpContext().Caller().Role.MayDoEverything(),
            AppPath = null,
            DashboardTitle = "GridServices " + routes.ServiceProvider.GetRequiredService<ServiceIdentity>().Name,
            IgnoreAntiforgeryToken = true,
            StatsPollingInterval = 5_000,
            DisplayStorageConnectionString = false,
        };
        RequestDelegate? pipeline = null;
        routes.Map(Path + "/{**page}", http => (pipeline ??= CreatePipeline(routes, options))(http)).ExcludeFromDescription().RequirePermission(Permission.SeeSettings);
    }

    private static RequestDelegate CreatePipeline(IEndpointRouteBuilder routes, DashboardOptions options) => routes.CreateApplicationBuilder()
        .UsePathBase(Path)
        .UseMiddleware<AspNetCoreDashboardMiddleware>(routes.ServiceProvider.GetRequiredService<JobStore>().Storage, options, DashboardRoutes.Routes)
        .Build();

    private sealed class Admitted : IDashboardAuthorizationFilter
    {
        public bool Authorize(DashboardContext context) => context.GetHttpContext().Caller() is not null;
    }
}
