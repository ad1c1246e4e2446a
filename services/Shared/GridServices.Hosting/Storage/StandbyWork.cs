using System.Data.Common;
using GridServices.Contracts;
using GridServices.Hosting.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace GridServices.Hosting.Storage;

/// <summary>
/// Runs the service's hosted parts while this process has the right to write:
/// <code>
///   start ─▶ right to write? ─yes─▶ parts start ─▶ right looked at each second ─lost─▶ end, and begin anew as stand-by
///                └─no─▶ stand-by: asked for each second ─▶ tables up to date ─▶ parts start …
/// </code>
/// </summary>
internal sealed partial class StandbyWork(
    [FromKeyedServices(StandbyWork.Key)] IEnumerable<IHostedService> parts,
    Store store, Standby standby, IHostApplicationLifetime lifetime, ILogger<StandbyWork> logger) : IHostedService, IDisposable
{
    internal const string Key = "standby-work";
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private readonly CancellationTokenSource _ending = new();
    private readonly Stack<IHostedService> _started = new();
    private Task _watch = Task.CompletedTask;
    private bool _ended;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        standby.IsWatched = store.HasOneWriter;
        if (store.IsOwned)
        {
            await StartPartsAsync(cancellationToken);
        }

        _watch = store.HasOneWriter ? Task.Run(() => WatchAsync(_ending.Token), CancellationToken.None) : Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_ended)
        {
            return;
        }

        await _ending.CancelAsync();
        await _watch.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var faults = new List<Exception>();
        while (_started.TryPop(out var part))
        {
            try
            {
                await part.StopAsync(cancellationToken);
            }
            catch (Exception fault)
            {
                faults.Add(fault);
            }
        }

        if (faults.Count > 0)
        {
            throw new AggregateException("Some parts of the service did not stop well.", faults);
        }
    }

    public void Dispose()
    {
        _ended = true;
        _ending.Dispose();
    }

    private async Task StartPartsAsync(CancellationToken ct)
    {
        foreach (var part in parts)
        {
            _started.Push(part);
            await part.StartAsync(ct);
            if (part is BackgroundService loop)
            {
                _ = EndWithAsync(loop);
            }
        }

        standby.Works();
    }

    /// <summary>A loop that failed ends the service, as the host does for the loops that it starts itself: a supervisor starts it anew.</summary>
    private async Task EndWithAsync(BackgroundService loop)
    {
        try
        {
            await (loop.ExecuteTask ?? Task.CompletedTask);
        }
        catch (OperationCanceledException) when (_ending.IsCancellationRequested || lifetime.ApplicationStopping.IsCancellationRequested)
        {
            return; // The host cancels what it starts once it is to end, before it stops it.
        }
        catch (Exception fault)
        {
            Fail(fault, loop.GetType().Name);
        }
    }

    private async Task WatchAsync(CancellationToken ct)
    {
        // Beside the watch, which may hang in the database.
        await using var looks = TimeProvider.System.CreateTimer(_ => CheckFreshness(), null, Every, Every);
        try
        {
            if (!store.IsOwned)
            {
                await TakeOverAsync(ct);
            }

            while (!await IsOvertakenAsync(ct))
            {
                await PauseAsync(ct);
            }

            standby.Overtaken();
            LogOvertaken(logger, store.Place);
            lifetime.StopApplication();
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            return;
        }
        catch (Exception fault)
        {
            Fail(fault, "taking over the store");
        }
    }

    // In real time, as the database's is.
    private static Task PauseAsync(CancellationToken ct) => Task.Delay(Every, TimeProvider.System, ct);

    private async Task TakeOverAsync(CancellationToken ct)
    {
        do
        {
            while (!await TryOwnAsync(ct))
            {
                await PauseAsync(ct);
            }

            LogTakesOver(logger, store.Place);
        }
        while (!await TryMigrateAsync(ct));
        await StartPartsAsync(ct);
    }

    /// <returns>False: the database went away just then, or a connection of before broke; the right is asked for again.</returns>
    private async Task<bool> TryMigrateAsync(CancellationToken ct)
    {
        try
        {
            await store.MigrateAsync(ct);
            return true;
        }
        catch (StartException broken) when (broken.InnerException is NpgsqlException away && (PostgreSqlFaults.IsUnavailable(away) || PostgreSqlFaults.IsBrokenConnection(away)))
        {
            standby.Waits(SafeText.Line(broken.Message));
            await PauseAsync(ct);
            return false;
        }
    }

    private async Task<bool> TryOwnAsync(CancellationToken ct)
    {
        try
        {
            return await store.TryOwnAsync(ct);
        }
        catch (Exception away) when (IsNoAnswer(away))
        {
            standby.Waits(SafeText.Line(away.Message));
            return false;
        }
    }

    private async Task<bool> IsOvertakenAsync(CancellationToken ct)
    {
        var asked = TimeProvider.System.GetTimestamp();
        try
        {
            if (!await store.OwnsAsync(ct))
            {
                return true;
            }

            standby.Sure(asked);
        }
        catch (Exception away) when (IsNoAnswer(away))
        {
            // It may be away for this process alone, so that is no answer: the doubt grows.
        }

        return false;
    }

    // A server that fails over also lacks tables or rights before it is whole again: no reason for either process to end.
    private bool IsNoAnswer(Exception fault) => !_ended && fault is (StoreUnavailableException or DbException or InvalidOperationException);

    private void CheckFreshness()
    {
        if (standby.DoubtIfStale())
        {
            LogDoubt(logger, store.Place, standby.Silence.TotalSeconds);
        }
    }

    private void Fail(Exception fault, string part)
    {
        standby.Failed(fault);
        LogFailed(logger, part, fault);
        lifetime.StopApplication();
    }

    [LoggerMessage(EventIds.StandbyWorkTakesOver, LogLevel.Warning, "The process that worked on {Place} has ended or hangs: this one takes over")]
    private static partial void LogTakesOver(ILogger logger, string place);

    [LoggerMessage(EventIds.StandbyWorkOvertaken, LogLevel.Error, "Another process has taken over {Place}: this one stops its work and starts again as a stand-by")]
    private static partial void LogOvertaken(ILogger logger, string place);

    [LoggerMessage(EventIds.StandbyWorkDoubt, LogLevel.Error,
        "{Place} could not be asked for {Silence} s whether this process still works on it, so another one may: answers under way end, and requests are answered 503 until it can be asked again")]
    private static partial void LogDoubt(ILogger logger, string place, double silence);

    [LoggerMessage(EventIds.StandbyWorkFailed, LogLevel.Critical, "{Part} failed; the service ends")]
    private static partial void LogFailed(ILogger logger, string part, Exception fault);
}

/// <summary>A hosted part that a stand-by runs as well.</summary>
internal interface IRunsInStandby;

/// <summary>Puts every hosted part of the service behind <see cref="StandbyWork"/>; what the framework starts (the web server) and what comes first stays.</summary>
internal sealed class StandbyProviderFactory : IServiceProviderFactory<IServiceCollection>
{
    private static readonly DefaultServiceProviderFactory Usual = new();

    public IServiceCollection CreateBuilder(IServiceCollection services)
    {
        var parts = services.Where(IsPart).ToList();
        foreach (var part in parts)
        {
            services.Remove(part);
            services.Add(Keyed(part));
        }

        // Before the web server, which must not answer before the parts stand.
        var server = services.ToList().FindLastIndex(IsServer);
        services.Insert(server < 0 ? services.Count : server, ServiceDescriptor.Singleton<IHostedService, StandbyWork>());
        return Usual.CreateBuilder(services);
    }

    public IServiceProvider CreateServiceProvider(IServiceCollection containerBuilder) => Usual.CreateServiceProvider(containerBuilder);

    private static bool IsPart(ServiceDescriptor service) => service.ServiceType == typeof(IHostedService) && !service.IsKeyedService && !IsServer(service)
        && service.ImplementationType != typeof(ServiceStart) && !RunsInStandby(service.ImplementationType);

    /// <summary>A stand-by is measured and watched as well.</summary>
    private static bool RunsInStandby(Type? type) => type == typeof(CounterInitializer) || typeof(IRunsInStandby).IsAssignableFrom(type)
        || type?.Namespace?.StartsWith("OpenTelemetry.", StringComparison.Ordinal) == true;

    private static bool IsServer(ServiceDescriptor service) => service.ServiceType == typeof(IHostedService) && !service.IsKeyedService
        && service.ImplementationType?.Namespace?.StartsWith("Microsoft.AspNetCore.", StringComparison.Ordinal) == true;

    private static ServiceDescriptor Keyed(ServiceDescriptor part) => part switch
    {
        { ImplementationInstance: { } instance } => ServiceDescriptor.KeyedSingleton(typeof(IHostedService), StandbyWork.Key, instance),
        { ImplementationFactory: { } make } => ServiceDescriptor.KeyedSingleton(typeof(IHostedService), StandbyWork.Key, (provider, _) => make(provider)),
        _ => ServiceDescriptor.KeyedSingleton(typeof(IHostedService), StandbyWork.Key, part.ImplementationType!),
    };
}
