using GridServices.Contracts;
using GridServices.Hosting.Hub;
using GridServices.Hosting.Publishing;
using GridServices.Simulation.Kernel;
using NodaTime;

namespace GridServices.Simulation.Publishing;

/// <summary>
/// What a publisher says to the hub, in the order of the product's <c>OutboxRelay</c>, <c>HelloLoop</c> and <c>UpstreamReporter</c>; decided by its
/// <see cref="RaiseRule"/>, <see cref="WaitingRule"/> and <see cref="HelloRule"/>.
/// </summary>
internal sealed class HubTalk(PublisherNode node, PublisherPair pair, Func<IEngineRun?> engine, RelayOptions options)
{
    private const int MostItems = 4;
    private static readonly Duration ReportEvery = Duration.FromSeconds(30);
    private static readonly Duration RetryEvery = Duration.FromSeconds(5);
    private readonly World _world = node.World;
    private readonly Duration _began = node.World.Steady;
    private int _failures;
    private HelloState _hello = HelloState.From(new HubSeen());
    private bool _holdsHello;
    private TaskCompletionSource _wake = new();

    private bool HoldsTurn => pair.Active == node;

    private bool HadTimeToHear => _world.Steady - _began >= Duration.FromTimeSpan(options.SettleTime);

    public void Wake() => _wake.TrySetResult();

    public async Task RelayAsync()
    {
        while (true)
        {
            var rows = HoldsTurn ? Rows() : [];
            if (rows.Count == 0)
            {
                await RestAsync(Duration.FromTimeSpan(options.LookAgain));
                continue;
            }

            node.MayDie("before-post");
            var answer = await _world.Network.CallAsync(node, _world.Hub, Duration.FromTimeSpan(options.Timeout), () => _world.Hub.Publish(rows), mayRepeat: true);
            node.MayDie("after-post");
            if (answer is null || !Settle(rows, answer))
            {
                await node.Pause(options.Backoff.After(++_failures, _world.Chance.Fraction()));
            }
        }
    }

    public async Task HelloAsync()
    {
        while (true)
        {
            if (!HoldsTurn)
            {
                _holdsHello = false;
                await node.Pause(Duration.FromTimeSpan(options.HelloInterval));
                continue;
            }

            if (!_holdsHello)
            {
                (_hello, _holdsHello) = (HelloState.From(pair.Disk.Data.Seen), true);
            }

            var said = HelloRule.Hello(_hello, pair.Name.Source);
            var answer = await _world.Network.CallAsync(node, _world.Hub, Duration.FromTimeSpan(options.HelloTimeout), () => _world.Hub.Hello(said));
            var isNews = answer is not null && TryFollow(answer);
            if (!isNews)
            {
                await node.Pause(Duration.FromTimeSpan(answer is null ? options.UnansweredPause : options.HelloInterval));
            }
        }
    }

    public async Task ReportAsync()
    {
        string? said = null;
        var told = Duration.MinValue;
        while (true)
        {
            await node.Pause(Duration.FromSeconds(1));
            if (!HoldsTurn || engine() is not { HasEnded: false } run)
            {
                continue;
            }

            var streams = run.Upstreams(node.Wall);
            var status = string.Join(',', streams.Select(s => s.Status));
            if (status != said || _world.Steady - told >= ReportEvery)
            {
                var report = new UpstreamReport { Source = pair.Name.Source, ValidFor = Duration.FromSeconds(90), Streams = streams };
                var taken = await _world.Network.CallAsync(node, _world.Hub, Duration.FromSeconds(10), () => _world.Hub.Report(report));
                (said, told) = taken is null ? (null, told) : (status, _world.Steady);
                await node.Pause(taken is null ? RetryEvery : Duration.Zero);
            }
        }
    }

    private List<OutboxRow> Rows()
    {
        var rows = pair.Disk.Data.Next(_world.Variant == Variant.RelayWithoutOrder ? int.MaxValue : MostItems).ToList();
        return _world.Variant == Variant.RelayWithoutOrder && rows.Count > 1 ? [_world.Chance.Pick(rows)] : rows;
    }

    private async Task RestAsync(Duration pause)
    {
        _wake = new TaskCompletionSource();
        await Task.WhenAny(_wake.Task, node.Pause(pause));
    }

    private bool Settle(IReadOnlyList<OutboxRow> rows, PublishAnswer answer)
    {
        if (ResultOrder.Match(rows, answer.Results) is not { } results)
        {
            return false;
        }

        try
        {
            pair.Disk.Write(node, data => data.Settle([.. rows.Zip(results)], WhyUnheard, node.Wall).Data);
            node.MayDie("settled");
            _failures = 0;
            return true;
        }
        catch (StoreAwayException)
        {
            return false;
        }
    }

    private bool TryFollow(PublisherAnswer answer)
    {
        try
        {
            return Follow(answer);
        }
        catch (StoreAwayException)
        {
            // As the loop that begins anew after a fault.
            _holdsHello = false;
            return false;
        }
    }

    /// <returns>True: there is news for the hub.</returns>
    private bool Follow(PublisherAnswer answer)
    {
        (_hello, var isNew) = HelloRule.Answered(_hello, answer, pair.Name.Source);
        if (isNew || _world.Chance.Happens(0.1))
        {
            Save();
        }

        if (pair.Disk.Data.Outbox.Values.Any(row => row.Waits is not null))
        {
            pair.Disk.Write(node, data => data.Look(WhyUnheard, node.Wall));
        }

        var epoch = answer.Epoch;
        switch (HelloRule.Next(_hello, epoch, HadTimeToHear))
        {
            case HelloStep.Begin:
                pair.Disk.Write(node, data => data.Begin(epoch, node.Wall));
                _hello = HelloRule.Began(_hello, epoch);
                _world.Log(node, $"says everything again in epoch {epoch}");
                Wake();
                return false;
            case HelloStep.Look:
                (_hello, var step) = HelloRule.Decide(_hello, epoch, pair.Disk.Data.Progress(), HadTimeToHear);
                if (step == HelloStep.Restated)
                {
                    Save();
                    _world.Log(node, $"has said everything in epoch {epoch}");
                }

                return step == HelloStep.Restated;
            default:
                return false;
        }
    }

    private void Save()
    {
        if (!_hello.IsBlank)
        {
            pair.Disk.Write(node, data => data with { Seen = _hello.Seen });
        }
    }

    private string? WhyUnheard(string stream, string run) =>
        !SpokenStream.TryParse(stream, string.Equals(run, node.RunId, StringComparison.Ordinal), out var spoken) ? null
        : engine() is { HasEnded: false } running ? running.WhyUnheard(spoken)
        : "The VENs are not loaded yet.";
}
