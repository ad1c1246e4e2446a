using System.Globalization;
using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Devices;
using GridServices.Ieee2030Dot5.Discovery;
using GridServices.Ieee2030Dot5.Reporting;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Session;

/// <summary>The line to the server: failures, back-off, redirects.</summary>
internal static class LinkPolicy
{
    /// <summary>Failures in a row after which the server counts as lost and people are told.</summary>
    private const int LostAfter = 2;

    private const int MostRedirects = 5;
    private const int MostHolds = 1_000;
    private static readonly Duration FirstPause = Duration.FromSeconds(1);

    // A client that is told to be quiet still learns of a new limit within the time after which its server would count as lost.
    private static readonly Duration LongestSilence = Duration.FromMinutes(5);
    private static readonly Duration LongestResponsePause = Duration.FromSeconds(10);
    private static readonly Backoff RefusedPauses = new(Duration.FromMinutes(1), Duration.FromMinutes(15), Spread: 0.1);

    /// <summary>A usable answer came.</summary>
    /// <param name="context">The step.</param>
    /// <param name="purpose">Of the request.</param>
    /// <param name="isDone">False: the server answers, but refuses this; how often it did stays counted.</param>
    public static void OnAnswered(StepContext context, DerPurpose purpose, bool isDone = true)
    {
        var line = context.Line;
        if (line.Failures >= LostAfter)
        {
            var others = context.State.Nodes.Where(n => n.Value.UnreadSince is not null && n.Key != purpose.Key).Select(r => r.Key[3..]).Take(5).ToList();
            context.Inform(NoteKind.ServerBack, others.Count == 0 ? "The server answers again." : $"The server answers again, but not for {string.Join(", ", others)}.");
            LogEventQueue.Note(context, LogCode.CommunicationLost, line.LostSince ?? context.Now);
            LogEventQueue.Note(context, LogCode.CommunicationRestored, context.Now);
            HeartbeatPolling.Doubt(context, "The server was away: what it had to tell meanwhile is lost.", null);
        }

        if (isDone && line.Holds.GetValueOrDefault(purpose.Key) is { IsTold: true })
        {
            context.Inform(NoteKind.ServerBack, $"The server answers again to {DescribePurpose(purpose)}.", purpose.Key);
        }

        var shut = FindBlocked(context, isDone ? purpose : null);
        context.Line = context.Line with
        {
            Failures = 0,
            QuietUntil = null,

            // From now on: while controls were followed, or before this start, the server was in trouble and not lost.
            LostSince = shut is null ? null : line.LostSince ?? context.Now,
            LostBy = shut is null ? null : line.LostBy ?? $"{shut.Kind} {shut.Href}: {line.Readings.GetValueOrDefault(shut.Key)?.Trouble}",
            HeardAt = context.Now,
            Holds = isDone ? line.Holds.Remove(purpose.Key) : line.Holds,
        };
    }

    // Where neither the way in nor a single list of controls can be read, the server stays lost whatever else of it answers. A way in that was not asked for
    // since the start tells nothing of a server that was not lost before it.
    // One page of several orders nothing yet: then nothing was asked for to its end.
    private static Node? FindBlocked(StepContext context, DerPurpose? asked)
    {
        var (line, nodes) = (context.Line, context.State.Nodes.Values);
        var way = nodes.TakeWhile(n => n.Kind <= NodeKind.EndDeviceList)
            .Where(n => n.UnreadSince is not null && n.Key != asked?.Key && (n.Kind == NodeKind.WellKnown) == context.State.Entry is null && n.Kind != NodeKind.Time)
            .Where(n => line.LostSince is not null || line.Readings.ContainsKey(n.Key)).MinBy(n => n.UnreadSince);
        if (way is null)
        {
            return null;
        }

        return (asked is DerPurpose.Read { Kind: var kind } && Orders(context, kind)) || IsFollowed(context) ? null : way;
    }

    // Programs without a list of controls order by their defaults alone, and tariffs by their prices.
    private static bool Orders(StepContext context, NodeKind kind) => context.State.Nodes.Values.Any(n => n.Kind is NodeKind.ControlList or NodeKind.LoadControlList)
        ? kind is NodeKind.ControlList or NodeKind.LoadControlList
        : kind is NodeKind.DefaultControl or NodeKind.IntervalList or NodeKind.PriceList;

    /// <summary>True: something that orders limits was read in this run, and when last asked for.</summary>
    private static bool IsFollowed(StepContext context) =>
        context.State.Nodes.Values.Any(n => context.Line.Readings.GetValueOrDefault(n.Key) is { IsRead: true, Trouble: null } && Orders(context, n.Kind));

    /// <summary>True: what was asked for fails while what orders limits is followed beside it; then it is a trouble of its own, and no loss.</summary>
    public static bool IsOwnTrouble(StepContext context, DerPurpose purpose) =>
        context.Line.Holds.GetValueOrDefault(purpose.Key)?.Since is { } began && context.Line.HeardAt > began && IsFollowed(context);

    /// <summary>Something answers, but with nothing that can be used: a login page, a refusal, the wrong document. Limits in force stay.</summary>
    /// <param name="context">The step.</param>
    /// <param name="lostBy">What came, where nothing of the server can be used without this answer, so that it counts as not heard; null otherwise.</param>
    public static void Unusable(StepContext context, string? lostBy) => context.Line = context.Line with
    {
        QuietUntil = null,
        LostSince = lostBy is null ? context.Line.LostSince : context.Line.LostSince ?? context.Now,
        LostBy = lostBy ?? context.Line.LostBy,
    };

    /// <summary>What can't be used is asked for again soon, later with each try, and never later than in its own rhythm.</summary>
    public static void HoldUnusable(StepContext context, DerPurpose purpose, Duration rate, string why)
    {
        var tries = (context.Line.Holds.GetValueOrDefault(purpose.Key)?.Tries ?? 0) + 1;
        Hold(context, purpose, Duration.Min(rate, Backoff.UpTo(context.Config.Polling.MaxBackOff).After(tries, new SeededRandom(context.Seed).Fraction())), why);
    }

    /// <summary>
    /// No usable answer: everything waits a little, this request longer with each try. What fails while the server answers otherwise is a trouble of its
    /// own: it delays nothing else, and the answers to other requests don't end it. Limits in force stay.
    /// </summary>
    /// <param name="context">The step.</param>
    /// <param name="purpose">Of the request.</param>
    /// <param name="what">What came instead, half a sentence.</param>
    /// <param name="retryAfter">How long the server asks us to wait.</param>
    /// <param name="isForAll">True: it asks that of the client (429), not for this resource.</param>
    public static void Failed(StepContext context, DerPurpose purpose, string what, Duration? retryAfter, bool isForAll = false)
    {
        var (line, most) = (context.Line, context.Config.Polling.MaxBackOff);
        var held = line.Holds.GetValueOrDefault(purpose.Key);
        var isOwn = held?.Since is { } began && line.HeardAt > began;
        var (tries, failures) = ((held?.Tries ?? 0) + 1, isOwn ? line.Failures : line.Failures + 1);
        var silence = isForAll && tries == 1 && retryAfter is { } all ? Within(all, LongestSilence) : Backoff.UpTo(most).After(failures, new SeededRandom(context.Seed).Fraction());
        var asked = retryAfter is { } wait ? Within(wait, isForAll && tries == 1 ? LongestSilence : most) : Duration.Zero;
        ReportFailure(context, purpose, what, isOwn ? null : failures, held);

        // An event may be over in a minute: what it is answered with doesn't wait as long as a poll may.
        var longest = purpose is DerPurpose.Respond ? Duration.Min(LongestResponsePause, most) : most;
        var own = Duration.Max(asked, Backoff.UpTo(longest).After(tries, new SeededRandom(~context.Seed).Fraction()));
        context.Line = context.Line with
        {
            Failures = failures,
            LostSince = isOwn ? line.LostSince : line.LostSince ?? context.Now,
            LostBy = isOwn ? line.LostBy : $"{DescribePurpose(purpose)}: {what}",
            QuietUntil = isOwn ? line.QuietUntil : context.Now + silence,

            // Silence is no crowd: after it the way in goes first again.
            CrowdedSince = isOwn ? line.CrowdedSince : null,
            Holds = Pruned(context).SetItem(purpose.Key, new Hold(context.Now + (isOwn ? own : Duration.Max(silence, own)), tries)
            {
                Why = what,
                Since = held?.Since ?? context.Now,
                IsTold = isOwn || held is { IsTold: true },
            }),
        };
        Reads.Failed(context, purpose, what);
        Reports.Unanswered(context, purpose);
    }

    private static void ReportFailure(StepContext context, DerPurpose purpose, string what, int? failures, Hold? held)
    {
        if (failures == LostAfter)
        {
            context.Warn(NoteKind.ServerLost, ErrorClass.Unavailable, $"The server gives no usable answer ({what}); limits in force stay, trying again.", null);
        }
        else if (failures is null && held is not { IsTold: true })
        {
            context.Warn(purpose is DerPurpose.Read ? NoteKind.ServerLost : NoteKind.ReportRefused, ErrorClass.Unavailable,
                $"The server answers, but not to {DescribePurpose(purpose)} ({what}); what was known of it stays in force, trying again.", purpose.Key);
        }
    }

    private static string DescribePurpose(DerPurpose purpose) => purpose is DerPurpose.Read read ? $"{read.Kind} {read.Href}" : purpose.Key;

    private static Duration Within(Duration asked, Duration most) => Duration.Max(FirstPause, Duration.Min(asked, most));

    /// <summary>Not this again before then.</summary>
    public static void Hold(StepContext context, DerPurpose purpose, Duration pause, string? why = null) => context.Line = context.Line with
    {
        Holds = Pruned(context).SetItem(purpose.Key, new Hold(context.Now + pause, (context.Line.Holds.GetValueOrDefault(purpose.Key)?.Tries ?? 0) + 1)
        {
            Why = why,
            Since = why is null ? null : context.Line.Holds.GetValueOrDefault(purpose.Key)?.Since ?? context.Now,
            IsTold = why is not null && context.Line.Holds.GetValueOrDefault(purpose.Key) is { IsTold: true },
        }),
    };

    /// <summary>What a server refused is sent again after a minute, and after longer with each refusal.</summary>
    public static void HoldRefused(StepContext context, DerPurpose purpose, string why)
    {
        var tries = (context.Line.Holds.GetValueOrDefault(purpose.Key)?.Tries ?? 0) + 1;
        Hold(context, purpose, RefusedPauses.After(tries, new SeededRandom(context.Seed).Fraction()), why);
    }

    /// <summary>True for who may not send, or not there: the utility can put that right, and what is owed waits for it.</summary>
    public static bool CanBeLifted(int status) => status is 401 or 403 or 404 or 405 or 410;

    /// <summary>Why an exchange failed, in words.</summary>
    public static string DescribeFailure(DerInput.TransportFailed failed) => failed.Detail ?? failed.Kind switch
    {
        TransportFailure.Unreachable => "it can't be reached",
        TransportFailure.Tls => "the TLS handshake fails",
        TransportFailure.Timeout => "it doesn't answer in time",
        _ => "its reply is too long or encoded",
    };

    /// <summary>The server sends us elsewhere: followed at its own origin only, and not for ever.</summary>
    public static void Redirected(StepContext context, DerNext.SendRequest request, int status, string? location)
    {
        if (location is null || !Hrefs.TryPin(context.Config.ServerUrl, request.Href, location, out var path, out var why))
        {
            why = location is null ? "it names no Location" : ExplainRejected(context, request, location);
            context.Warn(NoteKind.HrefRefused, ErrorClass.SsrfBlocked, $"{request.Method} {request.Href}: redirect {status} is refused: {why}.", request.Href);
            Failed(context, request.Purpose, $"HTTP {status} to where we don't go", null);
            return;
        }

        var moved = context.Line.Moved.SetItem(request.Href, path);
        if (Follow(moved, request.Href) is null)
        {
            context.Warn(NoteKind.Redirected, ErrorClass.LoopDetected, $"{request.Method} {request.Href}: the server's redirects lead in a circle.", request.Href);
            context.Line = context.Line with { Moved = DerClientState.Empty<string>() };
            Failed(context, request.Purpose, "redirects in a circle", null);
            return;
        }

        context.Line = context.Line with { Moved = moved };
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
    public static void Arrived(StepContext context)
    {
        if (context.Line.Moved.Count > 0)
        {
            context.Line = context.Line with { Moved = DerClientState.Empty<string>() };
        }
    }

    public static string Describe(int status, Messages.Sep2Error? error) => error?.Message is { Length: > 0 } message
        ? string.Create(CultureInfo.InvariantCulture, $"HTTP {status} (reason {error.ReasonCode}: {SafeText.Quote(message, 200)})")
        : string.Create(CultureInfo.InvariantCulture, $"HTTP {status}");

    /// <summary>What a refusal by that HTTP status is.</summary>
    public static ErrorClass Classify(int status) => status switch
    {
        401 => ErrorClass.AuthnRequired,
        403 => ErrorClass.AuthzLfdi,
        405 => ErrorClass.Method,
        406 or 415 => ErrorClass.UnsupportedMedia,
        404 or 410 => ErrorClass.NotFound,
        _ => ErrorClass.HttpMalformed,
    };

    // What is long past concerns things that are over.
    private static System.Collections.Immutable.ImmutableSortedDictionary<string, Hold> Pruned(StepContext context) => context.Line.Holds.Count < MostHolds
        ? context.Line.Holds
        : context.Line.Holds.RemoveRange(context.Line.Holds.Where(h => h.Value.Until < context.Now).Select(h => h.Key));

    private static string ExplainRejected(StepContext context, DerNext.SendRequest request, string location)
    {
        _ = Hrefs.TryPin(context.Config.ServerUrl, request.Href, location, out _, out var why);
        return why;
    }
}
