using System.Net;
using GridServices.Adapters.Messages;
using Microsoft.Extensions.Logging;

namespace GridServices.Adapters.Service.Oscp;

/// <summary>
/// Who comes with a token that opens nothing: told in the log, once a minute at the most, and slowed down beyond a burst. All count as one, for they mostly come by
/// one proxy; a good token passes whatever others do. Safe for several threads.
/// </summary>
internal sealed partial class OscpUnauthorizedThrottle(string name, TimeProvider time, ILogger log)
{
    /// <summary>So many at once are told that their token opens nothing; then one a second.</summary>
    internal const int Burst = 20;

    private static readonly TimeSpan RefillOne = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TellAgain = TimeSpan.FromMinutes(1);
    private readonly Lock _gate = new();
    private double _left = Burst;
    private long? _at;
    private long? _toldAt;
    private long _untold;

    /// <summary>Notes one.</summary>
    /// <param name="from">Where it comes from.</param>
    /// <param name="message">What it came with; its token is written nowhere.</param>
    /// <returns>False: too many came lately, this one is to come later.</returns>
    public bool Note(IPAddress? from, string message)
    {
        var (mayGoOn, times) = Count();
        if (times > 0)
        {
            LogStranger(log, name, from?.ToString() ?? "somebody", PeerText.Sanitize(message), times);
        }

        return mayGoOn;
    }

    private (bool MayGoOn, long Times) Count()
    {
        lock (_gate)
        {
            var now = time.GetTimestamp();
            _left = Math.Min(Burst, _left + (time.GetElapsedTime(_at ?? now, now) / RefillOne));
            (_at, var times) = (now, ++_untold);
            if (_toldAt is { } told && time.GetElapsedTime(told, now) < TellAgain)
            {
                times = 0;
            }
            else
            {
                (_toldAt, _untold) = (now, 0);
            }

            var mayGoOn = _left >= 1;
            _left -= mayGoOn ? 1 : 0;
            return (mayGoOn, times);
        }
    }

    [LoggerMessage(EventIds.OscpStranger, LogLevel.Warning,
        "{Adapter}: refused {Address}: a token that opens nothing here, last with the message {Message} ({Times} times since this was last reported)")]
    private static partial void LogStranger(ILogger logger, string adapter, string address, string message, long times);
}
