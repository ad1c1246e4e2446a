using GridServices.Contracts;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Clustering;
using GridServices.Hosting.Configuration;
using GridServices.Hosting.Health;
using GridServices.Hosting.Moving;
using GridServices.Hosting.Probes;
using GridServices.Hosting.Publishing;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Storage;
using GridServices.Hosting.Systemd;
using GridServices.Hosting.Telemetry;
using GridServices.Hosting.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using NodaTime;

namespace GridServices.Hosting;

/// <summary>The common ground of every service: what is set up here, no service sets up again.</summary>
public static class GridService
{
    private static readonly TimeSpan StopTime = TimeSpan.FromSeconds(5);

    /// <summary>A builder with listening, configuration, logs, store, tokens, telemetry, health and OpenAPI in place.</summary>
    /// <exception cref="StartException">The configuration can't work.</exception>
    public static WebApplicationBuilder CreateBuilder(string[] args, ServiceIdentity identity)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            // Watching appsettings costs an inotify handle per service; the tokens file, which must reload, is watched on its own.
            Args = [.. args, "--hostBuilder:reloadConfigOnChange=false"],
            ApplicationName = identity.Name,
            ContentRootPath = AppContext.BaseDirectory,
        });
        AddSettingsFile(builder.Configuration);
        builder.Services.AddSingleton(identity);
        builder.Services.TryAddSingleton<IClock>(SystemClock.Instance);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSystemdNotice();
        builder.AddListening(identity);
        builder.AddLogs();
        builder.Services.AddStore(identity).AddClusterStore(identity);
        builder.Services.AddSingleton<Standby>();
        builder.Services.AddSingleton(s => new ClusterNode(s.GetRequiredService<ClusterOptions>(), identity, Listening.Addresses(builder.Configuration, identity)[0], s.GetRequiredService<IServer>()));
        builder.Host.UseServiceProviderFactory(new StandbyProviderFactory());
        builder.Services.AddSettings<AuthOptions>();
        builder.Services.AddSingleton<TokenDirectory>();
        builder.Services.AddSettings<AccessTokenOptions>();
        builder.Services.AddSingleton<IssuerDocuments>().AddSingleton<IssuerKeys>().AddSingleton<AccessTokenVerifier>();
        builder.Services.AddSingleton<RefusedTokens>();
        builder.Services.AddSingleton<BodyBudget>();
        builder.Services.AddWireFormat();
        builder.Services.AddHealth();
        builder.Services.AddSingleton(WatchdogSpan.FromEnvironment()).AddHostedService<SystemdWatchdog>().AddHostedService<ReadinessGauge>();
        builder.Services.AddTelemetry(builder.Configuration, identity);
        // Registered first, so that store and tokens stand before anything else starts, and fall last.
        builder.Services.Insert(0, ServiceDescriptor.Singleton<IHostedService, ServiceStart>());
        return builder;
    }

    /// <summary><c>--Settings FILE</c> (JSON, as appsettings): stronger than the defaults in appsettings.json, so that environment and command line override it.</summary>
    private static void AddSettingsFile(ConfigurationManager configuration)
    {
        if (configuration["Settings"] is { Length: > 0 } settings)
        {
            var path = Path.GetFullPath(settings);
            if (!File.Exists(path))
            {
                throw new StartException($"The settings file {path} does not exist; name another with --Settings.");
            }

            var file = new JsonConfigurationSource { Path = path, Optional = false, ReloadOnChange = false };
            file.ResolveFileProvider();
            var defaults = configuration.Sources.LastOrDefault(source => source is JsonConfigurationSource);
            configuration.Sources.Insert(defaults is null ? 0 : configuration.Sources.IndexOf(defaults) + 1, file);
        }
    }

    /// <summary>The pipeline and the endpoints every service has; call before mapping the service's own.</summary>
    public static WebApplication UseGridService(this WebApplication app)
    {
        app.UseMiddleware<SecurityHeadersMiddleware>();
        app.UseMiddleware<ProblemMiddleware>();
        app.UseRouting();
        app.UseMiddleware<StandbyMiddleware>();
        app.UseMiddleware<AccessMiddleware>();
        if (app.Services.GetService<IRequestForwarder>() is not null)
        {
            app.UseMiddleware<ForwardMiddleware>();
        }

        app.UseMiddleware<QueryMiddleware>();
        app.UseMiddleware<IfMatchMiddleware>();
        app.UseMiddleware<IdempotencyKeyMiddleware>();
        app.UseMiddleware<UnreadBodyMiddleware>();
        app.MapHealth();
        app.MapMetrics();
        app.MapOpenApi("/openapi/{documentName}.json").OpenOnLoopback();
        app.MapApiReference(app.Services.GetRequiredService<ServiceIdentity>());
        if (app.Services.GetService<JobStore>() is not null)
        {
            app.MapJobs();
        }

        if (app.Services.GetService<Outbox>() is not null)
        {
            app.MapOutbox();
        }

        return app;
    }

    /// <summary>Builds and runs a service: what a person can fix is one line on standard error and exit code 1, never a stack trace.</summary>
    public static async Task<int> RunAsync(string[] args, Func<string[], WebApplication> build)
    {
        if (HealthProbe.IsAsked(args))
        {
            return await HealthProbe.RunAsync(args, Console.Error);
        }

        if (MoveStoreCommand.IsAsked(args))
        {
            return await MoveStoreCommand.RunAsync(args, build, Console.Out);
        }

        using var signals = new StopSignals();
        return await RunHostsAsync(args, build, () => signals.IsAsked);
    }

    /// <param name="args">Of the command line.</param>
    /// <param name="build">The service.</param>
    /// <param name="isStopAsked">A process that is to end ends, though it finds while it stops that another one has taken over.</param>
    internal static async Task<int> RunHostsAsync(string[] args, Func<string[], WebApplication> build, Func<bool> isStopAsked)
    {
        try
        {
            int? code;
            do
            {
                // Again where another process took over: now as a stand-by, and nothing of what was in memory stays.
                code = await RunOnceAsync(args, build);
            }
            while (code is null && !isStopAsked());

            return code ?? 0;
        }
        catch (Exception fault) when (StartFault.Explain(fault) is { } line)
        {
            await Console.Error.WriteLineAsync(line);
            return 1;
        }
    }

    /// <returns>The exit code, or null where another process has taken over the store.</returns>
    private static async Task<int?> RunOnceAsync(string[] args, Func<string[], WebApplication> build)
    {
        await using var app = build(args);
        var standby = app.Services.GetRequiredService<Standby>();
        try
        {
            await StartAsync(app);
            await app.WaitForShutdownAsync();
        }
        catch (OperationCanceledException) when (app.Lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // Asked to end while it started: what had started was stopped in order.
        }

        if (standby.Fault is { } fault)
        {
            await Console.Error.WriteLineAsync(StartFault.Explain(fault) ?? $"The service ended before its time: {SafeText.Line(fault.Message)}");
            return 1;
        }

        return standby.WasOvertaken ? null : 0;
    }

    /// <summary>What did start before something could not is stopped in order: nothing works on with what is taken down.</summary>
    private static async Task StartAsync(WebApplication app)
    {
        try
        {
            await app.StartAsync();
        }
        catch
        {
            await app.StopAsync(StopTime).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }
}
