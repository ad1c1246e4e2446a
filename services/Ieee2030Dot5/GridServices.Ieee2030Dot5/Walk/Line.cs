using System.Globalization;
using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Reporting;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Walk;

/// <summary>The line to the server: failures, back-off, redirects.</summary>
internal static class Line
{
    /// <summary>Failures in a row after which the server counts as lost and people are told.</summary>
    private const int LostAfter = 2;

    private const int MostRedirects = 5;
    private const int MostHolds = 1_000;
    private static readonly Duration FirstPause = Duration.FromSeconds(1);
    private static readonly Duration LongestRetryAfter = Duration.FromHours(1);
    private static readonly Duration LongestResponsePause = Duration.FromSeconds(10);
    private static readonly Duration FirstRefusedPause = Duration.FromMinutes(1);
    private static readonly Duration LongestRefusedPause = Duration.FromMinutes(15);

    /// <summary>A usable answer came.</summary>
    /// <param name="turn">The step.</param>
    /// <param name="purpose">Of the request.</param>
    /// <param name="isDone">False: the server answers, but refuses this; how often it did stays counted.</param>
    public static void Heard(Turn turn, DerPurpose purpose, bool isDone = true)
    {
        var line = turn.Line;
        if (line.Failures >= LostAfter)
        {
            turn.Inform(NoteKind.ServerBack, "The server answers again.");
            LogBook.Note(turn, LogCode.CommunicationLost, line.LostSince ?? turn.Now);
            LogBook.Note(turn, LogCode.CommunicationRestored, turn.Now);
        }

        turn.Line = turn.Line with { Failures = 0, QuietUntil = null, LostSince = null, HeardAt = turn.Now, Holds = isDone ? line.Holds.Remove(purpose.Key) : line.Holds };
    }

    /// <summary>Something answers, but with nothing that can be used: a login page, a refusal, the wrong document. Limits in force stay.</summary>
    /// <param name="turn">The step.</param>
    /// <param name="isEntrance">True: without this answer nothing of the server can be used, so that it counts as not heard.</param>
    public static void Unusable(Turn turn, bool isEntrance) => turn.Line = turn.Line with
    {
        QuietUntil = null,
        LostSince = isEntrance ? turn.Line.LostSince ?? turn.Now : turn.Line.LostSince,
    };

    /// <summary>What can't be used is asked for again soon, later with each try, and never later than in its own rhythm.</summary>
    public static void HoldUnusable(Turn turn, DerPurpose purpose, Duration rate)
    {
        var tries = (turn.Line.Holds.GetValueOrDefault(purpose.Key)?.Tries ?? 0) + 1;
        Hold(turn, purpose, Duration.Min(rate, Backoff.After(tries, turn.Config.Polling.MaxBackOff, new SeededRandom(turn.Seed).Fraction())));
    }

    /// <summary>No usable answer: everything waits a little, this request longer with each try. Limits in force stay.</summary>
    public static void Failed(Turn turn, DerPurpose purpose, string what, Duration? retryAfter)
    {
        var line = turn.Line;
        var failures = line.Failures + 1;
        if (failures == LostAfter)
        {
            turn.Warn(NoteKind.ServerLost, ErrorClass.Unavailable, $"The server gives no usable answer ({what}); limits in force stay, trying again.", null);
        }

        var tries = (line.Holds.GetValueOrDefault(purpose.Key)?.Tries ?? 0) + 1;
        var pause = retryAfter is { } asked
            ? Duration.Max(FirstPause, Duration.Min(asked, LongestRetryAfter))
            : Backoff.After(failures, turn.Config.Polling.MaxBackOff, new SeededRandom(turn.Seed).Fraction());

        // An event may be over in a minute: what it is answered with doesn't wait as long as a poll may.
        var longest = purpose is DerPurpose.Respond ? Duration.Min(LongestResponsePause, turn.Config.Polling.MaxBackOff) : turn.Config.Polling.MaxBackOff;
        var own = Backoff.After(tries, longest, new SeededRandom(~turn.Seed).Fraction());
        turn.Line = line with
        {
            Failures = failures,
            LostSince = line.LostSince ?? turn.Now,
            QuietUntil = turn.Now + pause,
            Holds = Pruned(turn).SetItem(purpose.Key, new Hold(turn.Now + Duration.Max(pause, own), tries)),
        };
    }

    /// <summary>Not this again before then.</summary>
    public static void Hold(Turn turn, DerPurpose purpose, Duration pause, string? why = null) => turn.Line = turn.Line with
    {
        Holds = Pruned(turn).SetItem(purpose.Key, new Hold(turn.Now + pause, (turn.Line.Holds.GetValueOrDefault(purpose.Key)?.Tries ?? 0) + 1) { Why = why }),
    };

    /// <summary>What a server refused is sent again after a minute, and after longer with each refusal.</summary>
    public static void HoldRefused(Turn turn, DerPurpose purpose, string why)
    {
        var tries = (turn.Line.Holds.GetValueOrDefault(purpose.Key)?.Tries ?? 0) + 1;
        var doubled = tries > 5 ? LongestRefusedPause : Duration.Min(FirstRefusedPause * (1L << (tries - 1)), LongestRefusedPause);
        Hold(turn, purpose, Backoff.Jitter(doubled, new SeededRandom(turn.Seed).Fraction()), why);
    }

    /// <summary>Why an exchange failed, in words.</summary>
    public static string Words(DerInput.TransportFailed failed) => failed.Detail ?? failed.Kind switch
    {
        TransportFailure.Unreachable => "it can't be reached",
        TransportFailure.Tls => "the TLS handshake fails",
        TransportFailure.Timeout => "it doesn't answer in time",
        _ => "its reply is too long or encoded",
    };

    /// <summary>The server sends us elsewhere: followed at its own origin only, and not for ever.</summary>
    public static void Redirected(Turn turn, DerNext.SendRequest request, int status, string? location)
    {
        if (location is null || !Hrefs.TryPin(turn.Config.ServerUrl, request.Href, location, out var path, out var why))
        {
            why = location is null ? "it names no Location" : WhyNot(turn, request, location);
            turn.Warn(NoteKind.HrefRefused, ErrorClass.SsrfBlocked, $"{request.Method} {request.Href}: redirect {status} is refused: {why}.", request.Href);
            Failed(turn, request.Purpose, $"HTTP {status} to where we don't go", null);
            return;
        }

        var moved = turn.Line.Moved.SetItem(request.Href, path);
        if (Follow(moved, request.Href) is null)
        {
            turn.Warn(NoteKind.Redirected, ErrorClass.LoopDetected, $"{request.Method} {request.Href}: the server's redirects lead in a circle.", request.Href);
            turn.Line = turn.Line with { Moved = DerClientState.Empty<string>() };
            Failed(turn, request.Purpose, "redirects in a circle", null);
            return;
        }

        turn.Line = turn.Line with { Moved = moved };
    }

    /// <summary>Where a request goes, redirects followed; null: in a circle or too far.</summary>
    public static string? Follow(System.Collections.Immutable.ImmutableSortedDictionary<string, string> moved, string href)
    {
        for (var hops = 0; hops <= MostRedirects; hops++)
        {
            if (!moved.TryGetValue(href, out var next))
            {
                return href;
            }

            href = next;
        }

        return null;
    }

    /// <summary>A final answer came: temporary redirects end with it.</summary>
    public static void Arrived(Turn turn)
    {
        if (turn.Line.Moved.Count > 0)
        {
            turn.Line = turn.Line with { Moved = DerClientState.Empty<string>() };
        }
    }

    public static string Describe(int status, Messages.Sep2Error? error) => error?.Message is { Length: > 0 } message
        ? string.Create(CultureInfo.InvariantCulture, $"HTTP {status} (reason {error.ReasonCode}: {Wire.Refusal.Quote(message, 200)})")
        : string.Create(CultureInfo.InvariantCulture, $"HTTP {status}");

    /// <summary>What a refusal by that HTTP status is.</summary>
    public static ErrorClass ClassOf(int status) => status switch
    {
        401 => ErrorClass.AuthnRequired,
        403 => ErrorClass.AuthzLfdi,
        405 => ErrorClass.Method,
        406 or 415 => ErrorClass.UnsupportedMedia,
        404 or 410 => ErrorClass.NotFound,
        _ => ErrorClass.HttpMalformed,
    };

    // What is long past concerns things that are over.
    private static System.Collections.Immutable.ImmutableSortedDictionary<string, Hold> Pruned(Turn turn) => turn.Line.Holds.Count < MostHolds
        ? turn.Line.Holds
        : turn.Line.Holds.RemoveRange(turn.Line.Holds.Where(h => h.Value.Until < turn.Now).Select(h => h.Key));

    private static string WhyNot(Turn turn, DerNext.SendRequest request, string location)
    {
        _ = Hrefs.TryPin(turn.Config.ServerUrl, request.Href, location, out _, out var why);
        return why;
    }
}
