using GridServices.Adapters.Service.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using NodaTime;

namespace GridServices.Adapters.Service.Tests.Rig;

/// <summary>An adapter of the settings that a test writes, running in this process.</summary>
internal sealed class RunningAdapter : IAsyncDisposable
{
    private readonly AdapterWorker worker;

    private RunningAdapter(AdapterWorker worker) => this.worker = worker;

    public static IConfiguration Settings(params (string Key, string? Value)[] settings) => new ConfigurationBuilder()
        .AddInMemoryCollection(settings.Select(s => KeyValuePair.Create($"Adapters:a:{s.Key}", s.Value))).Build();

    /// <summary>What every adapter needs.</summary>
    public static (string Key, string? Value)[] Common(Uri hub, string tokenFile, string site, string kind) =>
    [
        ("Kind", kind), ("Hub", hub.ToString()), ("TokenFile", tokenFile), ("Site", site), ("Failsafe:ImportLimitW", "4200"), ("Failsafe:ExportLimitW", "0"),
    ];

    /// <param name="staleAfter">Shorter than settings allow, so that no test waits for long; null: as in the settings.</param>
    /// <param name="settings">Under the adapter's name.</param>
    public static async Task<RunningAdapter> StartAsync(Duration? staleAfter, params (string Key, string? Value)[] settings)
    {
        var (plans, faults) = AdapterReader.Read(Settings(settings));
        Assert.Empty(faults);
        var made = new AdapterWorker([.. plans.Select(p => staleAfter is { } after ? Stale(p, after) : p)], TimeProvider.System, NullLogger<AdapterWorker>.Instance);
        await made.StartAsync(CancellationToken.None);
        return new RunningAdapter(made);
    }

    /// <summary>An orderly end.</summary>
    public async ValueTask DisposeAsync()
    {
        await worker.StopAsync(CancellationToken.None);
        worker.Dispose();
    }

    private static AdapterPlan Stale(AdapterPlan plan, Duration after) => plan with
    {
        Site = plan.Site with { Session = plan.Session with { Failsafe = plan.Session.Failsafe with { Default = plan.Session.Failsafe.Default with { StaleAfter = after } } } },
    };
}
