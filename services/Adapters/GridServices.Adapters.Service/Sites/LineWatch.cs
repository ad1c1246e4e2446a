using GridServices.Client;
using NodaTime;

namespace GridServices.Adapters.Service.Sites;

/// <summary>
/// For how long the hub has said nothing that is up to date. A heartbeat counts only where it names the place that was reached:
/// one that tells of more than ever came is as good as silence.
/// </summary>
internal sealed class LineWatch(TimeProvider time)
{
    private readonly Lock gate = new();
    private string? reached;
    private long? heardAt;

    /// <summary>Null: nothing was heard since the start.</summary>
    public Duration? Silence
    {
        get
        {
            lock (gate)
            {
                return heardAt is { } at ? Duration.FromTimeSpan(time.GetElapsedTime(at)) : null;
            }
        }
    }

    public void Hear(HubMessage message)
    {
        lock (gate)
        {
            var stated = message switch { SetStated set => set.Cursor.ToString(), ChangeStated change => change.Cursor.ToString(), _ => null };
            reached = stated ?? reached;
            if (stated is not null || (message is HeartbeatHeard { Heartbeat: var beat } && string.Equals($"{beat.Epoch}.{beat.Sequence}", reached, StringComparison.Ordinal)))
            {
                heardAt = time.GetTimestamp();
            }
        }
    }
}
