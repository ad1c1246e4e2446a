using GridServices.Client;
using GridServices.Contracts;
using GridServices.Simulators.SiteController.Model;
using NodaTime;

namespace GridServices.Simulators.SiteController;

/// <summary>The running site: each second the model obeys what <see cref="SiteSession"/> says holds.</summary>
public sealed class SiteProgram : IDisposable
{
    private const decimal WsPerWh = 3600;
    private readonly ControllerOptions options;
    private readonly TextWriter output;
    private readonly SitePlant plant;
    private readonly SiteSession session;
    private volatile SiteState state;
    private SitePhase? told;

    public SiteProgram(ControllerOptions options, TextWriter output)
    {
        (this.options, this.output) = (options, output);
        plant = SitePlant.Drawing(options.LoadW, options.BaseW);
        state = SiteModel.Start(plant);
        session = new SiteSession(new()
        {
            Hub = new() { Hub = options.Hub, Token = options.Token, SiteId = options.SiteId },
            Failsafe = new() { InitLimits = options.InitLimits },
            StateFile = options.StateFile,
        });
        session.LimitsChanged += Report;
        session.Notice += Say;
    }

    /// <summary>The site's state for <c>GET /</c>.</summary>
    public SiteStatus Status()
    {
        var (limits, now) = (session.Limits, state);
        return new SiteStatus(
            options.SiteId, now.NetW, limits.Phase, limits.Site, limits.Until, limits.Next, limits.Setpoint, limits.Streams, now.DeficitW, now.ChargersW, now.BatteryW,
            session.Feedback.Waiting, session.Feedback.Dropped, limits.At);
    }

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        await using var status = options.Status is { } at ? StatusPage.Start(at, Status) : null;
        Say($"site {options.SiteId} starts: would draw {PlainWords.Kw(options.LoadW)}, follows {options.Hub}");
        Task[] parts = [session.RunAsync(stop.Token), SecondsAsync(stop.Token)];
        try
        {
            await await Task.WhenAny(parts);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // Asked to.
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(parts).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public void Dispose() => session.Dispose();

    private async Task SecondsAsync(CancellationToken ct)
    {
        using var second = new PeriodicTimer(TimeSpan.FromSeconds(1));
        do
        {
            var limits = session.Limits;
            state = SiteModel.Step(plant, state, AllowedBy(limits));
            session.ReportShortfalls(Shortfalls(limits, state));
            if (state.Second % options.TelemetrySeconds == 0)
            {
                session.Report(Measure(state));
            }
        }
        while (await second.WaitForNextTickAsync(ct));
    }

    private static Allowed AllowedBy(SiteLimits limits)
    {
        var site = limits.Site;

        // A set-point is asked, not a limit: this site meets one by drawing no more than that.
        var asked = limits.Setpoint?.TargetW is { } target ? Math.Max(0, target) : (long?)null;
        var import = site.ImportLimitW?.Value is { } limit && asked is { } a ? Math.Min(limit, a) : site.ImportLimitW?.Value ?? asked;
        return new Allowed(
            import, site.ExportLimitW?.Value, site.ChargeLimitW?.Value, site.DischargeLimitW?.Value, site.LoadLimitW?.Value,
            site.Connect?.Value is not false && site.Energize?.Value is not false);
    }

    private static IReadOnlyList<Shortfall> Shortfalls(SiteLimits limits, SiteState state) =>
        state.DeficitW > 0 && (limits.Site.ImportLimitW ?? limits.Site.LoadLimitW) is { } bound
            ? [new Shortfall(bound.BoundBy.EnvelopeId, state.DeficitW, "load that can't be curtailed exceeds the limit")]
            : [];

    private Reading Measure(SiteState now) => new()
    {
        At = SystemClock.Instance.GetCurrentInstant(),
        NetPowerW = now.NetW,
        EnergyImportWh = (long)(now.ImportedWs / WsPerWh),
        EnergyExportWh = (long)(now.ExportedWs / WsPerWh),
        SocPercent = decimal.Round(100m * now.BatteryWs / (plant.BatteryCapacityWh * WsPerWh), 1),
        HeadroomUpW = plant.ChargersW.Sum() - now.ChargersW.Sum(),
        HeadroomDownW = now.ChargersW.Sum(),
    };

    private void Report(SiteLimits limits)
    {
        if (told != limits.Phase && PlainWords.Phase(limits) is { } phase)
        {
            told = limits.Phase;
            Say(phase);
        }

        // What it draws within the limit shows a second later; say what it will draw.
        Say(PlainWords.Limits(limits, SiteModel.Step(plant, state, AllowedBy(limits)).NetW));
        foreach (var line in new[] { PlainWords.Setpoint(limits), PlainWords.Functions(limits) }.OfType<string>())
        {
            Say(line);
        }
    }

    private void Say(string line)
    {
        if (!options.Quiet)
        {
            output.WriteLine(line);
        }
    }
}

/// <summary>The answer of the status page.</summary>
public sealed record SiteStatus(
    string SiteId, long NetPowerW, SitePhase Phase, EffectiveLimits Limits, Instant? Until, EffectiveLimits? Next, EffectiveSetpoint? Setpoint,
    IReadOnlyList<StreamStanding> Streams, long DeficitW, IReadOnlyList<long> ChargersW, long BatteryW, int FeedbackWaiting, long FeedbackDropped, Instant At);
