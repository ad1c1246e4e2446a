using GridServices.Client;
using GridServices.Contracts;
using GridServices.Simulation.Controllers;
using GridServices.Simulation.Kernel;
using GridServices.Simulation.Publishing;
using GridServices.Simulation.Utilities;
using NodaTime;

namespace GridServices.Simulation.Checks;

/// <summary>What the site does, against what its utilities want of it: P1, P2, and P5 of the controller's file.</summary>
internal sealed class SiteChecks(World world)
{
    /// <summary>An order reaches the site within this, where nothing fails.</summary>
    public static readonly Duration DeliveryBound = Duration.FromMinutes(1);

    private static readonly Duration Slack = (Faults.ClockError * 2) + Duration.FromSeconds(2);
    private static readonly Duration Tick = Duration.FromSeconds(4);
    private readonly Dictionary<string, long> _known = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Epoch, long Sequence), string> _heard = [];
    private bool _wasWhole;
    private bool _holdsFailsafe;

    public void ControllerStarted(bool hasFile) => _wasWhole |= hasFile;

    /// <summary>The controller was told something.</summary>
    public void Hears(HubMessage message)
    {
        _wasWhole |= message is SetStated;
        if (message is ChangeStated { Cursor: var cursor, Publication: var publication })
        {
            var said = $"{publication.Key.Stream} rev {publication.Revision}";
            if (_heard.TryGetValue((cursor.Epoch, cursor.Sequence), out var before) && before != said)
            {
                world.Checks.Fail("P4", $"cursor {cursor} was {before} and is now {said}");
            }

            _heard[(cursor.Epoch, cursor.Sequence)] = said;
        }
    }

    /// <summary>The controller has put this on its disk: it may never fall behind it again.</summary>
    public void Persisted(HeldSet set)
    {
        foreach (var segment in set.Envelopes.Concat(set.Retained).SelectMany(e => e.Segments))
        {
            if (segment.Cause is { EventId: { } id } cause)
            {
                _known[id] = Math.Max(_known.GetValueOrDefault(id, -1), cause.Modification ?? 0);
            }
        }

        _holdsFailsafe |= set.Envelopes.Any(e => e.Failsafe is { OnStale: OnStale.Failsafe });
    }

    public void Look(ControllerNode controller)
    {
        var limits = controller.Limits;
        var import = limits.MostImportW(ControllerNode.UnknownW);
        foreach (var order in world.Vtn.Books.SelectMany(b => b.Orders))
        {
            LookAt(order, limits, order.IsExport ? limits.MostExportW(ControllerNode.UnknownW) : import);
        }

        LookAtDefaults(controller, limits, import);
        LookAtFile(controller, limits);
    }

    // P1: the loosest of all versions that the controller may still go by; one of which it knows a later one is none of them.
    private void LookAt(Order order, SiteLimits limits, long? applied)
    {
        var oldest = Math.Max(KnownVersion(order), DueVersion(order));
        if (oldest < 0)
        {
            return;
        }

        var wanted = order.Versions.Where(v => v.Number >= oldest).Select(v => v.CertainAt(world.Now, Slack)).ToList();
        if (wanted.Contains(null))
        {
            return;
        }

        var most = wanted.Max()!.Value;
        var failsSafe = limits.Streams.Any(s => s.Key.Stream.Key == order.Stream && s.Phase == StreamPhase.Failsafe);
        var allowed = failsSafe ? Math.Max(most, VenProtocolModel.FailsafeW) : most;
        if (applied is null || applied > allowed)
        {
            world.Checks.Fail("P1", $"{order.Id} (version {oldest} or later) allows {allowed} W, the site goes by {applied?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "no limit"}");
        }
    }

    // Where both stores were put back, the publisher says what it has stored and the hub calls it all, before the utility was heard: see docs/simulation.md.
    private long KnownVersion(Order order) =>
        world.Checks is { WasServiceRestored: true, WasHubRestored: true } ? -1 : _known.GetValueOrDefault(order.Id, -1);

    // The version that must have come through by now; -1: none.
    private long DueVersion(Order order) =>
        Faults.IsSettled(world.Elapsed) ? order.Versions.Where(v => v.IssuedAt <= world.Now - DeliveryBound).Select(v => v.Number).DefaultIfEmpty(-1).Max() : -1;

    private void LookAtDefaults(ControllerNode controller, SiteLimits limits, long? import)
    {
        if (!_wasWhole && !(import <= ControllerNode.InitW))
        {
            world.Checks.Fail("P2", $"nothing was ever heard, and the site goes by {import} W");
        }

        var silence = controller.HeardAt is { } heard ? world.Steady - heard : (Duration?)null;
        if (_holdsFailsafe && (silence is null || silence > VenProtocolModel.StaleAfter + Tick) && !(import <= VenProtocolModel.FailsafeW))
        {
            world.Checks.Fail("P2", $"the hub is silent for {silence?.TotalSeconds} s, and the site goes by {import} W");
        }

        if (Faults.IsSettled(world.Elapsed) && limits.Phase != SitePhase.Controlled)
        {
            world.Checks.Fail("Life", $"long after the last fault the site is still in {limits.Phase}: {string.Join("; ", limits.Streams.Select(s => $"{s.Key.Stream} {s.Phase} {s.Why}"))}");
        }
    }

    // P5: the file says what memory says.
    private void LookAtFile(ControllerNode controller, SiteLimits limits)
    {
        if (controller.File is null || !controller.Holding.Contacted || world.Steady.TotalSeconds % 20 >= 2)
        {
            return;
        }

        var again = FailsafeMachine.LimitsAt(controller.Holding with { Set = controller.ReadFile()! }, controller.Moment);
        if (limits.Site.ImportLimitW?.Value != again.Site.ImportLimitW?.Value || limits.Site.ExportLimitW?.Value != again.Site.ExportLimitW?.Value)
        {
            world.Checks.Fail("P5", $"the site goes by {limits.Site.ImportLimitW?.Value} W, and by its file it would go by {again.Site.ImportLimitW?.Value} W");
        }
    }
}
