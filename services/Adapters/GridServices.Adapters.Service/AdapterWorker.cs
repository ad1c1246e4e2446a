using GridServices.Adapters.Service.Modbus;
using GridServices.Adapters.Service.Mqtt;
using GridServices.Adapters.Service.Ocpp;
using GridServices.Adapters.Service.Oscp;
using GridServices.Adapters.Service.Settings;
using GridServices.Adapters.Service.Sites;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GridServices.Adapters.Service;

/// <summary>Runs every adapter; one that fails begins again and disturbs no other.</summary>
internal sealed partial class AdapterWorker(IReadOnlyList<AdapterPlan> plans, TimeProvider time, ILogger<AdapterWorker> log) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);
    private readonly CallbackServers _servers = new([.. plans.Select(p => p.Ocpp).OfType<OcppPlan>()]);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using (_servers)
        {
            await Task.WhenAll(plans.Select(plan => RunAdapterAsync(plan, stoppingToken)));
        }
    }

    private async Task RunAdapterAsync(AdapterPlan plan, CancellationToken ct)
    {
        using var feed = new SiteFeed(plan.Site, time, log);
        var following = feed.RunAsync(ct);
        LogStarted(log, plan.Name, plan.Describe());
        while (!ct.IsCancellationRequested)
        {
            try
            {
                await ServeAsync(plan, feed, ct);
            }
            catch (Exception fault) when (fault is not OutOfMemoryException && !ct.IsCancellationRequested)
            {
                LogFailed(log, plan.Name, Pause.TotalSeconds, fault);
            }
            catch (Exception) when (ct.IsCancellationRequested)
            {
                break;
            }

            await Task.Delay(Pause, time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task ServeAsync(AdapterPlan plan, SiteFeed feed, CancellationToken ct)
    {
        if (plan.Mqtt is { } mqtt)
        {
            using var line = new MqttAdapter(plan.Name, mqtt, feed, time, log);
            await line.RunAsync(ct);
        }
        else if (plan.Modbus is { } modbus)
        {
            using var server = new ModbusServer(plan.Name, modbus, feed, plan.Rules, time, log);
            await server.RunAsync(ct);
        }
        else if (plan.Ocpp is { } ocpp)
        {
            var door = ocpp.Answers is { } answers ? await _servers.OpenAsync(answers.Listen, ct) : null;
            using var line = new OcppAdapter(plan.Name, ocpp, door, feed, plan.Rules, time, log);
            await line.RunAsync(ct);
        }
        else if (plan.Oscp is { } oscp)
        {
            using var line = new OscpAdapter(plan.Name, oscp, feed, plan.Rules, time, log);
            await line.RunAsync(ct);
        }
    }

    [LoggerMessage(EventIds.AdapterStarted, LogLevel.Information, "{Adapter}: {What}")]
    private static partial void LogStarted(ILogger logger, string adapter, string what);

    [LoggerMessage(EventIds.AdapterFailed, LogLevel.Error, "{Adapter} failed and begins again in {Seconds} s")]
    private static partial void LogFailed(ILogger logger, string adapter, double seconds, Exception fault);
}
