using GridServices.Contracts;
using GridServices.OpenAdr.Codec;
using GridServices.OpenAdr.Events;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Session;
using GridServices.Wire;
using NodaTime;

namespace GridServices.OpenAdr.Registration;

/// <summary>Getting, keeping and losing a registration.</summary>
internal static class RegistrationRules
{
    /// <summary>Registrations forced by the VTN, less than <see cref="CircleWindow"/> apart, that happen at once; from there on slower and slower.</summary>
    private const int CirclesAllowed = 3;

    private const int LongestId = 1024;

    private static readonly Duration CircleWindow = Duration.FromMinutes(10);
    private static readonly Duration LongestFirstPause = Duration.FromMinutes(1);
    internal static readonly Duration LongestPause = Duration.FromHours(1);
    private static readonly Backoff CirclePauses = new(Duration.FromSeconds(20), LongestPause, Spread: 0);

    /// <summary>The VTN said what it offers.</summary>
    public static void Offered(StepContext context, PendingRequest item, OadrCreatedPartyRegistration offer, string requestId)
    {
        if (!Correlates(context, offer.Response.RequestId, requestId))
        {
            Refused(context, item, OadrCodes.InvalidId, ErrorClass.Correlation, Foreign(offer.Response.RequestId, requestId));
            return;
        }

        context.Complete(item);
        context.State = context.State with { Plan = context.State.Plan with { Queried = true, NotBefore = null } };
        if (!offer.Response.IsSuccess)
        {
            context.Warn(NoteKind.RegistrationRefused, null, $"The VTN answered the query with {ReplyHandler.Describe(offer.Response)}; registering all the same.");
        }
        else if (!offer.Profiles.Any(p => p.Name == OadrProfileName.Profile20b && p.Transports.Contains(OadrTransportName.SimpleHttp)))
        {
            context.Warn(NoteKind.RegistrationRefused, null, "The VTN doesn't offer profile 2.0b over simpleHttp; registering all the same.");
        }
    }

    /// <summary>The VTN answered oadrCreatePartyRegistration.</summary>
    public static void Created(StepContext context, PendingRequest.Register item, OadrCreatedPartyRegistration created, string requestId)
    {
        if (!Correlates(context, created.Response.RequestId, requestId))
        {
            Refused(context, item, OadrCodes.InvalidId, ErrorClass.Correlation, Foreign(created.Response.RequestId, requestId));
        }
        else if (!created.Response.IsSuccess)
        {
            Refused(context, item, created.Response.Code, null, ReplyHandler.Describe(created.Response));
        }

        // OpenADR 2.0b rules 403, 404: these are what the VEN needs from the reply.
        else if (created.RegistrationId is not { Length: > 0 } registrationId || created.VenId is not { Length: > 0 } venId)
        {
            Refused(context, item, OadrCodes.ComplianceError, ErrorClass.SemanticEmpty, "the reply has no registrationID or no venID");
        }
        else if (!new[] { registrationId, venId, created.VtnId }.All(id => Identifiers.IsPlainText(id, LongestId)))
        {
            Refused(context, item, OadrCodes.InvalidId, ErrorClass.SemanticId, "an ID is empty, too long or holds invisible characters");
        }
        else if (context.Config is { PinVenId: true, VenId: { } pinned } && venId != pinned)
        {
            Refused(context, item, OadrCodes.InvalidId, ErrorClass.AuthzVenid, $"it assigns venID '{SafeText.Short(venId)}' but '{pinned}' is pinned");
        }
        else
        {
            Adopt(context, item, created, registrationId, venId);
        }
    }

    /// <summary>The VTN refused the registration, or its reply was none to this request.</summary>
    public static void Refused(StepContext context, PendingRequest item, int code, ErrorClass? error, string why)
    {
        var refusals = context.State.Plan.Refusals + 1;
        var notBefore = context.Now + Backoff.UpTo(LongestPause).After(refusals, context.Random.Fraction());
        context.State = context.State with { Plan = context.State.Plan with { Refusals = refusals, NotBefore = notBefore } };
        context.Alarm(NoteKind.RegistrationRefused, error, $"The registration failed: {SafeText.Clause(why)}. Trying again; check venName, venId and the certificate with the utility.");

        // OpenADR 2.0b rule 517: the IDs are wrong or unknown there, so the next try is a new registration without them.
        var next = item is PendingRequest.Register { Again: true } && code is OadrCodes.InvalidId or OadrCodes.NotRegistered && error is null
            ? new PendingRequest.Register(Again: false)
            : item;
        if (item is PendingRequest.QueryRegistration)
        {
            context.Complete(item);
        }
        else
        {
            context.Replace(item, next with { NotBefore = notBefore });
        }
    }

    /// <summary>The VTN answered that it doesn't know this VEN (463), or not by these IDs (452).</summary>
    public static void Disowned(StepContext context, int code)
    {
        // OpenADR 2.0b rules 407, 517: a VTN that knows the VEN no more has taken the cancellation whose answer is missing.
        if (context.State.Owed.FirstOrDefault(IsCancellation) is { } cancellation)
        {
            CancelledThere(context, cancellation, code);
            return;
        }

        // OpenADR 2.0b rule 517. The events stay until the new registration brought the VTN's list: a hiccup there must not loosen a limit here.
        context.Warn(NoteKind.RegistrationEnded, null, $"The VTN answered {code}: it doesn't know this VEN any more; registering again.");
        RegisterAgain(context, new PendingRequest.Register(Again: code == OadrCodes.InvalidId));
    }

    /// <summary>oadrRequestReregistration in the VTN's queue: acknowledged, then done with the IDs in force.</summary>
    public static void Requested(StepContext context, OadrRequestReregistration request)
    {
        if (IsForeign(context, request, answer: true))
        {
            context.PollProblem = $"oadrRequestReregistration for venID '{SafeText.Short(request.VenId)}', which is not ours";
            // Whoever sends such a thing sends it to every poll: the next one waits for its time.
            LinkPolicy.QueueEmpty(context);
            return;
        }

        // OpenADR 2.0b rule 401: oadrResponse at once, the registration after it.
        context.PollProblem = "the VTN wants a registration first (oadrRequestReregistration)";
        context.Answer(new PendingRequest.Acknowledge(OadrServiceName.EiRegisterParty, EiResponse.Ok(string.Empty), context.State.Registration!.VenId));
        RegisterAgain(context, new PendingRequest.Register(Again: true));
        if (!context.State.Owed.Any(o => o is PendingRequest.Register { NotBefore: null }))
        {
            LinkPolicy.QueueEmpty(context);
        }
    }

    /// <summary>
    /// oadrRequestReregistration instead of an answer: the VTN has forgotten us and with us what we said. Its message is no item of a queue, so it
    /// gets no oadrResponse, which such a VTN would answer with the next oadrRequestReregistration; ours is sent again once we are registered.
    /// </summary>
    public static void RequestedInReply(StepContext context, PendingRequest item, OadrRequestReregistration request)
    {
        var isForeign = IsForeign(context, request, answer: false);
        if (item is PendingRequest.Acknowledge)
        {
            context.Complete(item);
        }
        else
        {
            LinkPolicy.Postpone(context, item, isForeign ? "oadrRequestReregistration for another venID" : "the VTN wants a registration first");
        }

        if (!isForeign)
        {
            RegisterAgain(context, new PendingRequest.Register(Again: true));
        }
    }

    // OpenADR 2.0b rule 400: IDs are checked, 452 if they aren't ours; said once and not to every poll of a VTN that repeats itself.
    private static bool IsForeign(StepContext context, OadrRequestReregistration request, bool answer)
    {
        var registration = context.State.Registration!;
        if (request.VenId.Length == 0 || request.VenId == registration.VenId)
        {
            return false;
        }

        if (context.State.Link.ForeignVenId != request.VenId)
        {
            context.State = context.State with { Link = context.State.Link with { ForeignVenId = request.VenId } };
            context.Warn(
                NoteKind.MessageIgnored,
                ErrorClass.AuthzVenid,
                $"Ignored oadrRequestReregistration for venID '{SafeText.Short(request.VenId)}': this VEN is '{registration.VenId}'. Check the VTN's entry of this VEN.");
            if (answer)
            {
                context.Answer(new PendingRequest.Acknowledge(OadrServiceName.EiRegisterParty, new EiResponse(OadrCodes.InvalidId, "Another venID.", string.Empty), registration.VenId));
            }
        }

        return true;
    }

    /// <summary>oadrCancelPartyRegistration by the VTN.</summary>
    public static void Cancelled(StepContext context, OadrCancelPartyRegistration request)
    {
        var registration = context.State.Registration!;

        // OpenADR 2.0b rule 407: a wrong registrationID is answered 452, and the VEN stays registered.
        if (request.RegistrationId != registration.RegistrationId || (request.VenId is { Length: > 0 } venId && venId != registration.VenId))
        {
            context.PollProblem = "oadrCancelPartyRegistration for a registration that is not in force";
            var wrong = new EiResponse(OadrCodes.InvalidId, "This registrationID or venID is not in force.", request.RequestId);
            context.Answer(new PendingRequest.ConfirmCancelledRegistration(wrong, request.RegistrationId, registration.VenId));
            context.Warn(NoteKind.MessageRefused, ErrorClass.UnknownId, "The VTN cancelled a registration that is not in force; answered 452.");
            return;
        }

        Erase(context);
        context.Answer(new PendingRequest.ConfirmCancelledRegistration(EiResponse.Ok(request.RequestId), registration.RegistrationId, registration.VenId));

        // OpenADR 2.0b rule 401: after a cancellation the VEN may try again at an interval of the deployment's choice.
        var again = context.Config.RegisterAgainAfter;
        context.State = context.State with { Plan = context.State.Plan with { Paused = again is null, NotBefore = context.Now + again } };
        context.Alarm(NoteKind.RegistrationEnded, null, $"The VTN cancelled the registration; its events and reports are gone.{EventOpt.DescribeKept(context.State)}");
    }

    /// <summary>The VTN knows the VEN no more, and has the VEN's own cancellation.</summary>
    public static void CancelledThere(StepContext context, PendingRequest item, int code) =>
        CancelAnswered(context, item, new EiResponse(code, "The VTN does not know this VEN any more.", string.Empty));

    /// <summary>The VTN answered the VEN's own cancellation.</summary>
    public static void CancelAnswered(StepContext context, PendingRequest item, EiResponse response)
    {
        context.Complete(item);
        if (!response.IsSuccess && response.Code is not (OadrCodes.InvalidId or OadrCodes.NotRegistered))
        {
            context.Warn(NoteKind.MessageRefused, null, $"The VTN refused the cancellation with {ReplyHandler.Describe(response)}; the VEN stays registered.");
            return;
        }

        Erase(context);
        if (item is PendingRequest.CancelRegistration { IsFarewell: true })
        {
            // Not paused: where what it was said for is not stored, the VEN registers again by itself, over a restart too.
            context.Inform(NoteKind.RegistrationEnded, "The registration was cancelled on our side: the VEN leaves its VTN.");
            return;
        }

        context.State = context.State with { Plan = context.State.Plan with { Paused = true } };
        context.Inform(NoteKind.RegistrationEnded, "The registration was cancelled on our side; the VEN waits for a person to register it again.");
    }

    /// <summary>OpenADR 2.0b rule 407: with the registration go its METADATA, report requests and everything else that was agreed in it.</summary>
    public static void Erase(StepContext context)
    {
        // A person's choice about an event is theirs, not the registration's: it holds when the event is listed again.
        context.State.Events.ToList().ForEach(held => EventOpt.RetainChoice(context, held));
        PendingOpts.Reset(context);
        context.State = context.State with { Registration = null, Reports = [], Metadata = [], VtnReports = [], Owed = [], Events = [], Plan = new RegistrationPlan { EndedAt = context.State.Registration is null ? context.State.Plan.EndedAt : context.Now }, Link = new LinkState() };
    }

    private static void Adopt(StepContext context, PendingRequest.Register item, OadrCreatedPartyRegistration created, string registrationId, string venId)
    {
        var before = context.State.Registration;
        Duration? pollFrequency = created.RequestedPollFrequency is { } wish
            ? Periods.Clamp(wish, context.Config.PollFloor, context.Config.PollCeiling)
            : null;
        var since = before is { Since: { } earlier } && before.VenId == venId && before.VtnId == created.VtnId ? earlier : context.Now;
        var registration = new VenRegistration(registrationId, venId, created.VtnId, pollFrequency, since);
        context.Complete(item);
        context.State = context.State with
        {
            Registration = registration,
            Plan = context.State.Plan with { NotBefore = null, Paused = false, Refusals = 0, EndedAt = null },
        };
        if (created.RequestedPollFrequency is { } asked && asked.Exactly() != pollFrequency)
        {
            context.Warn(
                NoteKind.Registered,
                ErrorClass.SemanticDuration,
                $"The VTN asks for a poll each {PeriodText.Format(asked)}; that is taken as {pollFrequency!.Value.TotalSeconds:0.###} s (pollFloor, pollCeiling).");
        }

        if (created.PollFrequencyFault is { } fault)
        {
            context.Warn(
                NoteKind.Registered,
                ErrorClass.SemanticDuration,
                $"The VTN's oadrRequestedOadrPollFreq is not used: {SafeText.Clause(fault)}. Polling every {LinkPolicy.PollInterval(context.Config, registration).TotalSeconds:0.###} s instead (pollInterval).");
        }

        if (context.Config.VenId is { } preset && preset != venId)
        {
            context.Warn(NoteKind.Registered, ErrorClass.AuthzVenid, $"The VTN assigned venID '{SafeText.Short(venId)}' instead of '{preset}'; adopted (set pinVenId to refuse).");
        }

        if (!item.Again || before is null || before.RegistrationId != registrationId || before.VenId != venId)
        {
            BeginNew(context, before?.VtnId ?? created.VtnId);
        }
        else if (before.VtnId != created.VtnId)
        {
            // OpenADR 2.0b rule 400: exactly another one; what it says of events held begins their history anew.
            context.Warn(NoteKind.Registered, ErrorClass.AuthzVtnid, $"The VTN calls itself '{SafeText.Short(created.VtnId)}' now and not '{SafeText.Short(before.VtnId)}'; adopted, and it is asked for its events.");
            context.State = context.State with { Events = MarkEarlier(context.State, before.VtnId) };
            context.Enqueue(new PendingRequest.RequestEvents());
        }

        context.Inform(NoteKind.Registered, $"Registered as '{SafeText.Short(venId)}' with VTN '{SafeText.Short(created.VtnId)}'.");
    }

    // OpenADR 2.0b rules 305, 309, 405, 406: a new registration wipes the old one's report requests; then METADATA, even an empty one, then all
    // events. Events held are kept until that list is here; what it doesn't hold is cancelled by implication. Their numbers belong to the old one.
    private static void BeginNew(StepContext context, string earlierVtnId)
    {
        var kept = context.State.Owed.Where(o => o is PendingRequest.Acknowledge or PendingRequest.ConfirmCancelledRegistration)
            .Concat(context.State.Owed.Where(IsCancellation).Select(o => o.WithoutHistory()));
        Delivery.ReportDropped(context);
        PendingOpts.Reset(context);
        context.State = context.State with
        {
            Owed = [.. kept, new PendingRequest.PublishMetadata(null) { Since = context.Now }, new PendingRequest.RequestEvents()],
            Reports = [],
            Metadata = [],
            VtnReports = [],
            PushAnswers = [],
            Events = MarkEarlier(context.State, earlierVtnId),
        };

        // Profile section 9.1.8: VENs that start together must not poll together ever after. With a long interval a minute is spread enough.
        LinkPolicy.PollAfter(context, Duration.Min(LinkPolicy.PollInterval(context.Config, context.State.Registration), LongestFirstPause) * context.Random.Fraction());
    }

    private static ValueList<HeldEvent> MarkEarlier(VenState state, string vtnId) => state.Events.Select(e => e with { EarlierVtnId = e.EarlierVtnId ?? vtnId }).ToValueList();

    // A VTN that asks for registrations for ever (openleadr-python issue 66) gets them ever more slowly, and a person is told.
    private static void RegisterAgain(StepContext context, PendingRequest.Register register)
    {
        // Who wants it out of the VTN is not registered there anew.
        if (context.State.Owed.Any(o => o is PendingRequest.Register || IsCancellation(o)))
        {
            return;
        }

        // A registration that succeeds ends no circle: a VTN that knows the VEN no more by its next message makes one of registrations that all succeed.
        var plan = context.State.Plan;
        var window = CircleWindow + LinkPolicy.PollInterval(context.Config, context.State.Registration) + PauseAfter(plan.Circles);
        var calm = plan.CircledAt is not { } last || !RequestScheduler.IsAhead(last + window, context.Now, window);
        var circles = calm ? 1 : plan.Circles + 1;
        context.State = context.State with { Plan = plan with { Circles = circles, CircledAt = context.Now } };
        if (circles <= CirclesAllowed)
        {
            context.Enqueue(register);
            return;
        }

        var pause = PauseAfter(circles);
        context.Enqueue(register with { NotBefore = context.Now + pause });
        context.Alarm(NoteKind.RegistrationLoop, ErrorClass.LoopDetected, $"The VTN made the VEN register {circles} times in a row; next try in {pause.TotalSeconds:0} s. Does it know this VEN for good, and does another VEN have the same venName or venId?");
    }

    // One that is parked was not taken, long ago perhaps, and the VEN has lived on in its registration: it ends none.
    private static bool IsCancellation(PendingRequest owed) => owed is PendingRequest.CancelRegistration { ParkedAt: null };

    private static Duration PauseAfter(int circles) => circles <= CirclesAllowed ? Duration.Zero : CirclePauses.After(circles - CirclesAllowed);

    private static bool Correlates(StepContext context, string answered, string sent) =>
        answered == sent || (context.Config.Quirks.TolerateNoneRequestId && answered is "" or "None");

    private static string Foreign(string answered, string sent) =>
        $"the reply answers request '{SafeText.Short(answered)}', not '{sent}' (quirk tolerateNoneRequestId accepts 'None')";
}
