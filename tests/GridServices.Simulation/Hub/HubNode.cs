using System.Text;
using GridServices.Contracts;
using GridServices.EnvelopeHub.Service.Publishing;
using GridServices.EnvelopeHub.Service.Sites;
using GridServices.EnvelopeHub.Sites;
using GridServices.EnvelopeHub.Streaming;
using GridServices.Hosting.Publishing;
using GridServices.Simulation.Kernel;
using GridServices.Simulation.Publishing;
using NodaTime;

namespace GridServices.Simulation.Hub;

/// <summary>
/// The hub's process: judges by its <see cref="CommitDraft"/> and <see cref="SiteSet"/>, stores, shows, answers, fans out, in the order of its <c>CommitQueue</c>.
/// </summary>
internal sealed class HubNode : Node
{
    public const string Tenant = "default";
    public static readonly SiteKey Site = new(Tenant, World.SiteId);
    private const int ReplayEvents = 8;
    private SiteModel? _view;
    private bool _isUnread;

    public HubNode(World world)
        : base(world, "hub")
    {
        Disk = new HubDisk(world);
        Past = new HubPast(this);
        Streams = new HubStreams(this);
    }

    public HubDisk Disk { get; }

    /// <summary>The present history.</summary>
    public HubPast Past { get; private set; }

    public HubStreams Streams { get; private set; }

    /// <summary>What the hub holds in memory and shows.</summary>
    public SiteModel View => _view!;

    /// <summary>The site in memory says something else to whoever looks.</summary>
    public void Show(SiteModel view) => _view = view;

    /// <summary>POST /v1/envelopes with rows of an outbox.</summary>
    public PublishAnswer? Publish(IReadOnlyList<OutboxRow> rows)
    {
        World.Checks.Publishing.Arrived(rows);
        return Publish(Encoding.UTF8.GetBytes($"[{string.Join(',', rows.Select(row => Encoding.UTF8.GetString(row.Body)))}]"));
    }

    /// <summary>POST /v1/envelopes. Null: 503, nothing is known to be stored.</summary>
    public PublishAnswer? Publish(byte[] body)
    {
        var read = EnvelopeReader.ReadPublication(body);
        if (read.Refusal is not null)
        {
            return new PublishAnswer([new PublishResult { Status = PublishStatus.Rejected, Problem = read.Refusal }]);
        }

        var entries = read.Items.Select(item => item.Value is null ? null : PublicationEntryReader.Parse(item.Value)).ToList();
        if (Commit([.. entries.OfType<PublicationEntry>()]) is not { } results)
        {
            return null;
        }

        var stored = new Queue<PublishResult>(results);
        var all = read.Items.Zip(entries).Select(pair => pair.Second is not null
            ? stored.Dequeue()
            : new PublishResult { Id = pair.First.Id, Status = PublishStatus.Rejected, Problem = pair.First.Problem }).ToList();
        Past.Note(entries.Zip(all).Where(p => p is { First: not null, Second.Status: PublishStatus.Accepted or PublishStatus.Duplicate }).Select(p => p.First!.Publication.Source).Distinct());
        MayDie("before-answer");
        return new PublishAnswer(all) { Epoch = Past.Epoch };
    }

    /// <summary>POST /v1/publishers. Null: 503.</summary>
    public PublisherAnswer? Hello(PublisherHello hello) => Past.Hello(hello);

    /// <summary>POST /v1/upstreams. Null: 503.</summary>
    public UpstreamReport? Report(UpstreamReport report) => Streams.Report(report) ? report : null;

    /// <summary>What the store holds becomes what memory says: another history began.</summary>
    public void Restart(string epoch)
    {
        _view = new SiteModel(Disk.Data.Set(), ReplayWindow.StartingAfter(Disk.Data.Sequence), Disk.Data.TrimmedTo, epoch);
        World.Checks.History.Loaded();
        Streams.Restarted();
    }

    protected override void Start()
    {
        (_isUnread, _view) = (false, null);
        (Past, Streams) = (new HubPast(this), new HubStreams(this));
        Past.Start();
        Restart(Past.Epoch);
        Streams.Start();
        Run(Past.LookAsync);
        Run(Streams.BeatAsync);
    }

    protected override void Stopped() => Streams.CloseAll();

    private IReadOnlyList<PublishResult>? Commit(IReadOnlyList<PublicationEntry> items)
    {
        Reload();
        var before = View;
        var leap = Past.HadRuns && before.Leap is null ? 1 + World.Chance.Below(1_000_000) : 0;
        var draft = CommitDraft.Create([new PublishJob(items)], _ => before.Set, _ => leap, Past.Epoch, _ => false);
        try
        {
            if (draft.Changes.Count > 0)
            {
                Store(draft, items);
            }
        }
        catch (StoreAwayException)
        {
            Failed(draft);
            return null;
        }

        foreach (var change in draft.Changes)
        {
            Advance(change);
        }

        World.Checks.History.Judged(before.Set, View.Set, items, draft.Results[0]);
        if (World.Variant == Variant.HubKeepsRefused && draft.Results[0].Any(r => r.Status == PublishStatus.Rejected))
        {
            _view = View with { Set = SiteSet.Create(View.Set.Sequence, View.Set.Entries.Skip(1)) };
        }

        Streams.Changed();
        return draft.Results[0];
    }

    private void Store(CommitDraft draft, IReadOnlyList<PublicationEntry> items)
    {
        var change = draft.Changes[0];
        var silent = Past.ToStoreWith(items.Zip(draft.Results[0]).Where(p => p.Second.Status == PublishStatus.Accepted).Select(p => p.First.Publication.Source));
        Disk.Write(data => data with
        {
            Log = data.Log.AddRange(change.Entries),
            Sequence = change.After.Sequence,
            Commits = data.Commits + 1,
            Publishers = data.Publishers.SetItems(silent.Where(p => !(data.Publishers.GetValueOrDefault(p.Id.Source)?.Speaks ?? false)).Select(p => KeyValuePair.Create(p.Id.Source, p))),
        });
        Past.Committed(Disk.Data.Commits);
        foreach (var entry in change.Entries)
        {
            World.Log(this, $"stores {entry.Sequence}: {entry.Key.Stream} rev {entry.Revision}");
        }
    }

    private void Advance(SiteChange change)
    {
        var view = View;
        var frames = change.Entries.Select(entry => Frame.WithId("envelope", Past.Epoch, entry.Sequence, entry.Event.Span)).ToList();
        var window = change.Leap is { } leap && leap.From == view.Set.Sequence ? ReplayWindow.StartingAfter(leap.To) : view.Window;
        _view = view with { Set = change.After, Leap = change.Leap ?? view.Leap, Window = frames.Aggregate(window, (w, frame) => w.Add(frame, ReplayEvents)) };
    }

    private void Failed(CommitDraft draft)
    {
        _isUnread = true;
        switch (World.Variant)
        {
            case Variant.HubShowsUncommitted:
                _isUnread = false;
                Advance(draft.Changes[0]);
                break;
            case Variant.HubSkipsSequences:
                _isUnread = false;
                _view = View with { Set = View.Set.Leap(1), Window = ReplayWindow.StartingAfter(View.Set.Sequence + 1) };
                break;
        }
    }

    // Whether a commit that broke off took place, only the store knows.
    private void Reload()
    {
        if (_isUnread)
        {
            _isUnread = false;
            if (View.Set.Sequence < Disk.Data.Sequence)
            {
                _view = View with { Set = Disk.Data.Set(), Window = ReplayWindow.StartingAfter(Disk.Data.Sequence) };
                Past.Committed(Disk.Data.Commits);
                World.Checks.History.Loaded();
                Streams.Changed();
            }
        }
    }

    /// <summary>Memory is to be compared with the store: what a commit left open is read first.</summary>
    public void Settle() => Reload();

    public Instant SetAt() => Wall;
}
