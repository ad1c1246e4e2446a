using System.Text.Json;
using GridServices.Contracts;
using GridServices.EnvelopeHub.History;
using GridServices.EnvelopeHub.Queries;
using GridServices.EnvelopeHub.Service.Sites;
using GridServices.EnvelopeHub.Sites;
using GridServices.EnvelopeHub.Streaming;
using GridServices.EnvelopeHub.Upstream;
using GridServices.Simulation.Publishing;
using NodaTime;

namespace GridServices.Simulation.Hub;

/// <summary>What the hub says of the site in one start of it: snapshots, sets, timelines, heartbeats with the health of the upstreams.</summary>
internal sealed class HubStreams(HubNode hub)
{
    private static readonly Duration HeartbeatEvery = Duration.FromSeconds(15);
    private static readonly Duration Coalescing = Duration.FromMilliseconds(50);
    private readonly List<HubStream> _open = [];
    private readonly UpstreamRegistry _registry = new();
    private readonly Duration _began = hub.World.Steady;
    private long _numbers;

    private Moment Now => new(hub.Wall, hub.World.Steady - _began);

    public void Start()
    {
        foreach (var (report, at) in hub.Disk.Data.Reports.Values)
        {
            _registry.Restore(HubNode.Tenant, report, at, Now);
        }
    }

    public async Task BeatAsync()
    {
        while (true)
        {
            await hub.Pause(HeartbeatEvery);
            Beat();
        }
    }

    /// <summary>GET …/stream.</summary>
    /// <param name="held">The Last-Event-ID.</param>
    /// <param name="deliver">Takes the bytes of an event; null: the stream has ended.</param>
    public HubStream Open(string? held, Action<byte[]?> deliver)
    {
        var resume = Decide(held);
        TellEffective(isFresh: true);
        var after = (resume as Resume.After)?.Sequence;
        var stream = new HubStream(hub, this, after is { } sequence ? sequence : null, hub.View.Heartbeat?.Number ?? 0, deliver);
        _open.Add(stream);
        stream.Pump();
        return stream;
    }

    /// <summary>GET …/envelopes without a cursor.</summary>
    public byte[] WholeSet()
    {
        var about = hub.Past.GetHistory();
        return JsonSerializer.SerializeToUtf8Bytes(hub.View.Set.Complete(World.SiteId, hub.View.Epoch, hub.Wall).WithHistory(about.InEpoch(hub.View.Epoch)), ContractJson.Options);
    }

    /// <summary>GET …/envelopes with a cursor, for what the hub learns by it.</summary>
    public byte[] ShowCursor(string cursor)
    {
        Decide(cursor);
        return [];
    }

    public bool Report(UpstreamReport report)
    {
        try
        {
            hub.Disk.Write(data => data with { Reports = data.Reports.SetItem(report.Source, (report, hub.Wall)) });
        }
        catch (StoreAwayException)
        {
            return false;
        }

        if (_registry.Apply(HubNode.Tenant, report, Now) is { Count: > 0 })
        {
            Beat();
        }

        return true;
    }

    /// <summary>The site's set changed: its events at once, its timeline soon.</summary>
    public void Changed()
    {
        PumpAll();
        var lives = hub.Lives();
        hub.World.After(Coalescing, () =>
        {
            if (lives())
            {
                TellEffective(isFresh: false);
                PumpAll();
            }
        });
    }

    public void Beat()
    {
        var frame = Heartbeat();
        hub.Show(hub.View with { Heartbeat = new LatestFrame(++_numbers, frame, hub.Wall, hub.Past.GetHistory()) });
        PumpAll();
    }

    /// <summary>A heartbeat of this moment.</summary>
    public Frame Heartbeat()
    {
        var about = hub.Past.GetHistory();
        if (!ReferenceEquals(hub.View.Effective?.About, about))
        {
            TellEffective(isFresh: true);
        }

        var set = hub.View.Set;
        var beat = new Heartbeat
        {
            SiteId = World.SiteId,
            Epoch = about.Epoch,
            Sequence = new Cursor(about.Epoch, set.Sequence).SequenceText,
            At = hub.Wall,
            Upstreams = _registry.GetHealth(HubNode.Site, Now, set.Lives),
        };
        return Frame.WithoutId("heartbeat", set.Sequence, JsonSerializer.SerializeToUtf8Bytes(beat.WithHistory(about.With(set)), ContractJson.Options));
    }

    public Frame Snapshot()
    {
        var view = hub.View;
        var about = hub.Past.GetHistory().InEpoch(view.Epoch);
        var snapshot = view.Set.Snapshot(World.SiteId, view.Epoch, hub.Wall).WithHistory(about.With(view.Set));
        return Frame.WithId("snapshot", view.Epoch, view.Set.Sequence, JsonSerializer.SerializeToUtf8Bytes(snapshot, ContractJson.Options));
    }

    public void Closed(HubStream stream) => _open.Remove(stream);

    public void CloseAll()
    {
        foreach (var stream in _open.ToList())
        {
            stream.End();
        }
    }

    /// <summary>Another history began.</summary>
    public void Restarted() => PumpAll();

    private void PumpAll()
    {
        foreach (var stream in _open.ToList())
        {
            stream.Pump();
        }
    }

    private Resume Decide(string? held)
    {
        var resume = Decision();
        return hub.View.IsDoubtful(resume) && hub.Past.Doubt(held) ? Decision() : resume;

        Resume Decision() => Resume.Decide(held, hub.View.Epoch, hub.View.Set.Sequence, hub.View.TrimmedTo, hub.Past.HasPast);
    }

    private void TellEffective(bool isFresh)
    {
        var (view, about) = (hub.View, hub.Past.GetHistory());
        if (isFresh && view.Effective?.IsFresh(view.Set.Sequence, about, hub.Wall, Duration.FromMinutes(1)) == true)
        {
            return;
        }

        var window = EffectiveWindow.StartingAt(hub.Wall);
        var timeline = view.Set.Merged(World.SiteId, about.Epoch, hub.Wall, window.From, window.Until).WithHistory(about.With(view.Set));
        hub.World.Checks.History.Merged(view.Set, timeline, window);
        var frame = Frame.WithoutId("effective", view.Set.Sequence, JsonSerializer.SerializeToUtf8Bytes(timeline, ContractJson.Options));
        hub.Show(view with { Effective = new LatestFrame(++_numbers, frame, hub.Wall, about) });
    }
}
