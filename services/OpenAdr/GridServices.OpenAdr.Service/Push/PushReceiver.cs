using GridServices.Contracts;
using GridServices.Hosting;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Storage;
using GridServices.OpenAdr.Codec;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Service.Driver;
using GridServices.OpenAdr.Service.Journal;
using GridServices.OpenAdr.Session;
using GridServices.UtilityClients.Listening;
using GridServices.Wire;
using NodaTime;

namespace GridServices.OpenAdr.Service.Push;

/// <summary>
/// Takes one pushed message in:
/// <code>
///   read ─▶ whose is it? ─▶ read again, signature verified ─▶ the VEN's loop applies and stores it ─▶ the answer, from what is stored
/// </code>
/// </summary>
internal sealed partial class PushReceiver(PushRouter router, VenMetrics metrics, PushOptions options, IClock clock, ILogger<PushReceiver> log)
{
    /// <summary>A VEN that waits for its VTN's reply takes nothing in meanwhile; the message is applied later, and sent again it gets its answer.</summary>
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(20);

    private readonly UnansweredPushes _unanswered = new();
    private readonly XmlLimits _limits = OadrXml.DefaultLimits with { MaxBytes = options.MaxBodyBytes };

    public async Task<PushReply> HandleAsync(ListenerPeer peer, string prefix, OadrServiceName service, byte[] body)
    {
        var unverified = OadrXml.Read(body, _limits);
        var route = router.Find(peer, prefix, unverified.Message);
        if (route.Ven is { } ven)
        {
            return await HandleAsync(ven, peer, service, body, unverified);
        }

        metrics.Pushed(FindName(unverified), "unknown");
        ReportRefusal(peer, prefix, route, $"a pushed {FindName(unverified) ?? "message"} reached no VEN: {SafeText.Clause(unverified.Refusal is { } illegible ? SafeText.Line(illegible.ToString()) : route.Why)}");
        return unverified is { Message: null, Name: null }
            ? Unreadable(unverified.Refusal!)
            : CreatePlainReply(PushAnswers.Refusal(FindName(unverified)!, new EiResponse(route.Code, route.Why, GetRequestId(unverified))));
    }

    /// <summary>What is no request that is read at all: the VTN may not send it again, so that its VENs are told.</summary>
    /// <param name="peer">The caller.</param>
    /// <param name="prefix">See <see cref="PushRouter.Missed"/>.</param>
    /// <param name="reply">How it is answered.</param>
    /// <param name="what">What was wrong with it.</param>
    public PushReply Refuse(ListenerPeer peer, string? prefix, PushReply reply, string what)
    {
        metrics.Pushed(null, "refused");
        router.Missed(peer, prefix, $"a push was answered HTTP {reply.Status}: {SafeText.Clause(what)}");
        return reply;
    }

    private void ReportRefusal(ListenerPeer peer, string prefix, PushRoute route, string why)
    {
        if (route.IsNobodys)
        {
            router.ReportStray(peer, prefix, why);
        }
        else
        {
            router.Missed(peer, prefix, why);
        }
    }

    private async Task<PushReply> HandleAsync(VenLoop ven, ListenerPeer peer, OadrServiceName service, byte[] body, ReadOutcome unverified)
    {
        var line = router.GetEndpoint(ven);
        try
        {
            // OpenADR 2.0b 10.6: only what the signature covers is taken.
            var outcome = line.SignatureCheck(clock.GetCurrentInstant(), peer.Others) is { } check ? OadrXml.Read(body, _limits, check) : unverified;
            var name = FindName(outcome) ?? FindName(unverified);
            var row = Row(MessageDirection.Received, service, name, body) with { Sha256 = JournalRow.ComputeHash(body) };
            return outcome.Message is { } message
                ? await ApplyAsync(ven, line, new VenInput.MessagePushed(service, message, row.Sha256, outcome.Stamp), row)
                : await RefuseAsync(ven, line, outcome.Refusal!, name, GetRequestId(unverified), row);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Unforeseen ones too: the VTN may not push it again, so that it is asked for.
            if (e is not (StoreUnavailableException or CertificateFileException or ProblemException))
            {
                LogFailed(log, ven.Id.Key, e);
            }

            metrics.Pushed(FindName(unverified), "unavailable");
            ven.OfferMissed();
            return PushReply.Later("The message can't be taken in now; send it again.");
        }
    }

    private async Task<PushReply> ApplyAsync(VenLoop ven, VtnEndpoint endpoint, VenInput.MessagePushed pushed, MessageRow row)
    {
        var isSentAgain = _unanswered.Begin(ven.Id, pushed.Sha256, clock.GetCurrentInstant());
        if (!await IsTakenAsync(ven, pushed with { IsSentAgain = isSentAgain }, row))
        {
            metrics.Pushed(pushed.Message.Name, "busy");
            return PushReply.Later("Earlier messages are still being taken in; send this one again.");
        }

        _unanswered.End(ven.Id, pushed.Sha256);
        CrashPoint.Hit("before-push-answer");
        metrics.Pushed(pushed.Message.Name, "taken");
        return CreateReply(ven, endpoint, row, PushAnswers.GetAnswer(ven.View.Config, ven.View.State, pushed));
    }

    private async Task<PushReply> RefuseAsync(VenLoop ven, VtnEndpoint endpoint, ReadError refusal, string? name, string requestId, MessageRow row)
    {
        var problem = $"{Problems.GetName(refusal.Class)} {SafeText.Line(refusal.ToString())}";
        metrics.Pushed(name, "refused");
        router.Refused(ven, $"a pushed {name ?? "message"} was refused: {problem}");
        await IsTakenAsync(ven, new VenInput.PushRefused(refusal, name), row with { Problem = problem, HttpStatus = name is null ? StatusCodes.Status406NotAcceptable : row.HttpStatus });

        // OpenADR 2.0b rules 33, 35: what is legible enough is answered with the error's own code.
        return name is null ? Unreadable(refusal) : CreateReply(ven, endpoint, row, PushAnswers.Refusal(name, new EiResponse(OadrCodes.GetCode(refusal, name), refusal.Detail, requestId)));
    }

    /// <summary>True once it is applied and on disk; what is given up for good is asked for as soon as the VEN can.</summary>
    private static async Task<bool> IsTakenAsync(VenLoop ven, VenInput input, MessageRow row)
    {
        var taken = ven.SubmitReceivedAsync(input, row);
        try
        {
            var isTaken = await taken.WaitAsync(AnswerTime);
            if (!isTaken)
            {
                ven.OfferMissed();
            }

            return isTaken;
        }
        catch (TimeoutException)
        {
            // It is applied later; where that fails, the VTN may not try again.
            _ = taken.ContinueWith(t => (t.Exception, ven.OfferMissed()), CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            return false;
        }
    }

    [LoggerMessage(EventIds.PushFailed, LogLevel.Error, "A message pushed to VEN {Ven} could not be taken in; the VTN is told to send it again, and is asked for what was missed")]
    private static partial void LogFailed(ILogger logger, string ven, Exception fault);

    private PushReply CreateReply(VenLoop ven, VtnEndpoint endpoint, MessageRow asked, OadrMessage answer)
    {
        var body = endpoint.Encode(answer, clock.GetCurrentInstant());
        ven.Note(Row(MessageDirection.Sent, Enum.Parse<OadrServiceName>(asked.Service), answer.Name, body));
        return new PushReply(StatusCodes.Status200OK, body);
    }

    private MessageRow Row(MessageDirection direction, OadrServiceName service, string? message, byte[] body)
    {
        var now = clock.GetCurrentInstant();
        return new MessageRow
        {
            FirstAt = now,
            LastAt = now,
            Direction = direction,
            Service = service.ToString(),
            Message = message,
            HttpStatus = StatusCodes.Status200OK,
            Body = body,
        };
    }

    // Profile section 9.1.5: what breaks the schema is not to be sent again unchanged.
    private static PushReply Unreadable(ReadError refusal) => PushReply.Refused(StatusCodes.Status406NotAcceptable, SafeText.Line(refusal.ToString()));

    private static PushReply CreatePlainReply(OadrMessage answer) => new(StatusCodes.Status200OK, OadrXml.Write(answer));

    private static string? FindName(ReadOutcome outcome) => outcome.Message?.Name ?? outcome.Name;

    private static string GetRequestId(ReadOutcome outcome) => outcome.Message is { } message ? VtnMessages.GetRequestId(message) : outcome.RequestId ?? string.Empty;
}
