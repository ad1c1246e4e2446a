using System.Net.ServerSentEvents;
using GridServices.Client;
using GridServices.Contracts;
using GridServices.Simulation.Hub;
using NodaTime;

namespace GridServices.Simulation.Controllers;

/// <summary>Subscribes, reads, asks for the whole set where something is missing, in the order of <c>HubClient.ReadStreamAsync</c> and <c>SiteSession.ListenAsync</c>.</summary>
internal sealed class StreamReader(ControllerNode controller)
{
    private static readonly Duration IdleLimit = Duration.FromSeconds(40);
    private static readonly Duration Patience = Duration.FromSeconds(15);
    private static readonly Backoff Retry = new(Duration.FromMilliseconds(500), Duration.FromSeconds(30), 0.2);
    private readonly Simulation.World _world = controller.World;
    private HubStream? _open;
    private string? _shown;

    public void Leave() => _open?.Leave();

    public async Task ListenAsync()
    {
        for (var failures = 0; ;)
        {
            failures = await FollowAsync() ? 0 : failures + 1;
            _open?.Leave();
            await controller.Pause(Retry.After(Math.Max(1, failures), _world.Chance.Fraction()));
        }
    }

    /// <summary>One opening of the stream, until it ends.</summary>
    /// <returns>True: something was heard by it.</returns>
    private async Task<bool> FollowAsync()
    {
        var from = controller.ResumeFrom;
        if (from is null && controller.Holding.Cursor is { } held)
        {
            await ShowAsync(held.ToString());
        }

        var arrived = new Arrivals(controller);
        _open = await _world.Network.CallAsync(controller, _world.Hub, Patience, () => _world.Hub.Streams.Open(from?.ToString(), arrived.Add));
        if (_open is null)
        {
            return false;
        }

        var (last, opening, heard) = (from, true, false);
        while (await arrived.NextAsync(IdleLimit) is { } bytes)
        {
            var message = Read(bytes);
            if (Misses(message, last))
            {
                if (await AskSetAsync() is not { } set)
                {
                    return heard;
                }

                last = set.Cursor;
                controller.Take(set);
            }

            message = message is SetStated first && opening ? first with { Asked = true } : message;
            opening = false;
            last = message switch { SetStated s => s.Cursor, ChangeStated c when last is null || IsLater(c.Cursor, last.Value) => c.Cursor, _ => last };
            controller.Take(message);
            heard = true;
            await FollowUpAsync();
        }

        _world.Log(controller, "the line to the hub is down");
        return heard;
    }

    private async Task FollowUpAsync()
    {
        if (controller.NeedsSet && await AskSetAsync() is { } set)
        {
            controller.Take(set);
        }

        if (controller.Holding.Set.RewoundFrom is { } lost && lost != _shown)
        {
            _shown = await ShowAsync(lost) ? lost : null;
        }
    }

    private async Task<SetStated?> AskSetAsync()
    {
        var answer = await _world.Network.CallAsync(controller, _world.Hub, Patience, () => _world.Hub.Streams.WholeSet());
        return answer is null ? null : HubEvents.Set(answer);
    }

    private async Task<bool> ShowAsync(string cursor) =>
        await _world.Network.CallAsync(controller, _world.Hub, Patience, () => _world.Hub.Streams.ShowCursor(cursor)) is not null;

    private static HubMessage Read(byte[] bytes)
    {
        var parser = SseParser.Create(new MemoryStream(bytes), static (_, data) => data.ToArray());
        var item = parser.Enumerate().Single();
        return HubEvents.Read(item.EventType, item.EventId, item.Data) ?? throw new InvalidOperationException($"The hub sent '{item.EventType}'.");
    }

    private static bool Misses(HubMessage message, Cursor? last) => (message, last) switch
    {
        (ChangeStated c, { } held) => !SameEpoch(c.Cursor, held) || c.Cursor.Sequence > held.Sequence + 1,
        (ChangeStated, null) => true,
        (HeartbeatHeard { Heartbeat: var beat }, { } held) => Cursor.TryParse($"{beat.Epoch}.{beat.Sequence}", out var told) && (!SameEpoch(told, held) || told.Sequence > held.Sequence),
        _ => false,
    };

    private static bool IsLater(Cursor cursor, Cursor held) => !SameEpoch(cursor, held) || cursor.Sequence > held.Sequence;

    private static bool SameEpoch(Cursor left, Cursor right) => string.Equals(left.Epoch, right.Epoch, StringComparison.Ordinal);
}
