using System.Collections.Concurrent;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Service.Notifications;

/// <summary>Whose notifications were refused at the listener, by the client they were for.</summary>
internal sealed class NotificationRefusals
{
    /// <summary>One sender that goes on is told of, and written down, this often.</summary>
    private static readonly Duration Repetition = Duration.FromMinutes(1);

    private readonly ConcurrentDictionary<EngineId, NotificationRefusal> _last = [];

    /// <summary>The last one of this client; null: none since the start.</summary>
    public NotificationRefusal? FindLatest(EngineId client) => _last.GetValueOrDefault(client);

    /// <returns>True: it is worth telling; false: the same as a moment ago.</returns>
    public bool Add(EngineId client, string why, Instant now)
    {
        var isNews = !_last.TryGetValue(client, out var before) || before.Why != why || now - before.At >= Repetition;
        if (isNews)
        {
            _last[client] = new NotificationRefusal(now, why);
        }

        return isNews;
    }
}

/// <summary>A notification that was refused unread.</summary>
/// <param name="At">When; a repetition within a minute counts as the same.</param>
/// <param name="Why">In words, one line.</param>
public sealed record NotificationRefusal(Instant At, string Why);
