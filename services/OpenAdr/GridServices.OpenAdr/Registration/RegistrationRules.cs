using GridServices.Contracts;
using GridServices.OpenAdr.Codec;
using GridServices.OpenAdr.Events;
using GridServices.OpenAdr.Messages;
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
    private static readonly Duration CirclePause = Duration.FromSeconds(10);
    private static readonly Duration LongestFirstPause = Duration.FromMinutes(1);
    internal static readonly Duration LongestPause = Duration.FromHours(1);

    /// <summary>The VTN said what it offers.</summary>
    public static void Offered(Turn turn, Owed item, OadrCreatedPartyRegistration offer, string requestId)
    {
        if (!Correlates(turn, offer.Response.RequestId, requestId))
        {
            Refused(turn, item, OadrCodes.InvalidId, ErrorClass.Correlation, Foreign(offer.Response.RequestId, requestId));
            return;
        }

        turn.Settle(item);
        turn.State = turn.State with { Plan = turn.State.Plan with { Queried = true, NotBefore = null } };
        if (!offer.Response.IsSuccess)
        {
            turn.Warn(NoteKind.RegistrationRefused, null, $"The VTN answered the query with {Conversation.Describe(offer.Response)}; registering all the same.");
        }
        else if (!offer.Profiles.Any(p => p.Name == OadrProfileName.Profile20b && p.Transports.Contains(OadrTransportName.SimpleHttp)))
        {
            turn.Warn(NoteKind.RegistrationRefused, null, "The VTN doesn't offer profile 2.0b over simpleHttp; registering all the same.");
        }
    }

    /// <summary>The VTN answered oadrCreatePartyRegistration.</summary>
    public static void Created(Turn turn, Owed.Register item, OadrCreatedPartyRegistration created, string requestId)
    {
        if (!Correlates(turn, created.Response.RequestId, requestId))
        {
            Refused(turn, item, OadrCodes.InvalidId, ErrorClass.Correlation, Foreign(created.Response.RequestId, requestId));
        }
        else if (!created.Response.IsSuccess)
        {
            Refused(turn, item, created.Response.Code, null, Conversation.Describe(created.Response));
        }

        // OpenADR 2.0b rules 403, 404: these are what the VEN needs from the reply.
        else if (created.RegistrationId is not { Length: > 0 } registrationId || created.VenId is not { Length: > 0 } venId)
        {
            Refused(turn, item, OadrCodes.ComplianceError, ErrorClass.SemanticEmpty, "the reply has no registrationID or no venID");
        }
        else if (!new[] { registrationId, venId, created.VtnId }.All(id => Identifiers.IsPlainText(id, LongestId)))
        {
            Refused(turn, item, OadrCodes.InvalidId, ErrorClass.SemanticId, "an ID is empty, too long or holds invisible characters");
        }
        else if (turn.Config is { PinVenId: true, VenId: { } pinned } && venId != pinned)
        {
            Refused(turn, item, OadrCodes.InvalidId, ErrorClass.AuthzVenid, $"it assigns venID '{Printable.Line(venId)}' but '{pinned}' is pinned");
        }
        else
        {
            Adopt(turn, item, created, registrationId, venId);
        }
    }

    /// <summary>The VTN refused the registration, or its reply was none to this request.</summary>
    public static void Refused(Turn turn, Owed item, int code, ErrorClass? error, string why)
    {
        var circles = turn.State.Plan.Circles + 1;
        var notBefore = turn.Now + Backoff.After(circles, LongestPause, turn.Random.Fraction());
        turn.State = turn.State with { Plan = turn.State.Plan with { Circles = circles, NotBefore = notBefore } };
        turn.Alarm(NoteKind.RegistrationRefused, error, $"The registration failed: {Printable.Clause(why)}. Trying again; check venName, venId and the certificate with the utility.");

        // OpenADR 2.0b rule 517: the IDs are wrong or unknown there, so the next try is a new registration without them.
        var next = item is Owed.Register { Again: true } && code is OadrCodes.InvalidId or OadrCodes.NotRegistered && error is null
            ? new Owed.Register(Again: false)
            : item;
        if (item is Owed.QueryRegistration)
        {
            turn.Settle(item);
        }
        else
        {
            turn.Replace(item, next with { NotBefore = notBefore });
        }
    }

    /// <summary>The VTN answered that it doesn't know this VEN (463), or not by these IDs (452).</summary>
    public static void Disowned(Turn turn, int code)
    {
        // OpenADR 2.0b rule 517. The events stay until the new registration brought the VTN's list: a hiccup there must not loosen a limit here.
        turn.Warn(NoteKind.RegistrationEnded, null, $"The VTN answered {code}: it doesn't know this VEN any more; registering again.");
        ComeRound(turn, new Owed.Register(Again: code == OadrCodes.InvalidId));
    }

    /// <summary>oadrRequestReregistration in the VTN's queue: acknowledged, then done with the IDs in force.</summary>
    public static void Requested(Turn turn, OadrRequestReregistration request)
    {
        if (IsForeign(turn, request, answer: true))
        {
            turn.PollProblem = $"oadrRequestReregistration for venID '{Printable.Line(request.VenId)}', which is not ours";
            // Whoever sends such a thing sends it to every poll: the next one waits for its time.
            Line.QueueEmpty(turn);
            return;
        }

        // OpenADR 2.0b rule 401: oadrResponse at once, the registration after it.
        turn.PollProblem = "the VTN wants a registration first (oadrRequestReregistration)";
        turn.Owe(new Owed.Acknowledge(OadrServiceName.EiRegisterParty, EiResponse.Ok(string.Empty), turn.State.Registration!.VenId));
        ComeRound(turn, new Owed.Register(Again: true));
        if (turn.State.Owed.Any(o => o is Owed.Register { NotBefore: not null }))
        {
            Line.QueueEmpty(turn);
        }
    }

    /// <summary>
    /// oadrRequestReregistration instead of an answer: the VTN has forgotten us and with us what we said. Its message is no item of a queue, so it
    /// gets no oadrResponse, which such a VTN would answer with the next oadrRequestReregistration; ours is sent again once we are registered.
    /// </summary>
    public static void RequestedInReply(Turn turn, Owed item, OadrRequestReregistration request)
    {
        var isForeign = IsForeign(turn, request, answer: false);
        if (item is Owed.Acknowledge)
        {
            turn.Settle(item);
        }
        else
        {
            Line.Postpone(turn, item, isForeign ? "oadrRequestReregistration for another venID" : "the VTN wants a registration first");
        }

        if (!isForeign)
        {
            ComeRound(turn, new Owed.Register(Again: true));
        }
    }

    // OpenADR 2.0b rule 400: IDs are checked, 452 if they aren't ours; said once and not to every poll of a VTN that repeats itself.
    private static bool IsForeign(Turn turn, OadrRequestReregistration request, bool answer)
    {
        var registration = turn.State.Registration!;
        if (request.VenId.Length == 0 || request.VenId == registration.VenId)
        {
            return false;
        }

        if (turn.State.Link.ForeignVenId != request.VenId)
        {
            turn.State = turn.State with { Link = turn.State.Link with { ForeignVenId = request.VenId } };
            turn.Warn(
                NoteKind.MessageIgnored,
                ErrorClass.AuthzVenid,
                $"Ignored oadrRequestReregistration for venID '{Printable.Line(request.VenId)}': this VEN is '{registration.VenId}'. Check the VTN's entry of this VEN.");
            if (answer)
            {
                turn.Owe(new Owed.Acknowledge(OadrServiceName.EiRegisterParty, new EiResponse(OadrCodes.InvalidId, "Another venID.", string.Empty), registration.VenId));
            }
        }

        return true;
    }

    /// <summary>oadrCancelPartyRegistration by the VTN.</summary>
    public static void Cancelled(Turn turn, OadrCancelPartyRegistration request)
    {
        var registration = turn.State.Registration!;

        // OpenADR 2.0b rule 407: a wrong registrationID is answered 452, and the VEN stays registered.
        if (request.RegistrationId != registration.RegistrationId || (request.VenId is { Length: > 0 } venId && venId != registration.VenId))
        {
            turn.PollProblem = "oadrCancelPartyRegistration for a registration that is not in force";
            var wrong = new EiResponse(OadrCodes.InvalidId, "This registrationID or venID is not in force.", request.RequestId);
            turn.Owe(new Owed.ConfirmCancelledRegistration(wrong, request.RegistrationId, registration.VenId));
            turn.Warn(NoteKind.MessageRefused, ErrorClass.UnknownId, "The VTN cancelled a registration that is not in force; answered 452.");
            return;
        }

        Erase(turn);
        turn.Owe(new Owed.ConfirmCancelledRegistration(EiResponse.Ok(request.RequestId), registration.RegistrationId, registration.VenId));

        // OpenADR 2.0b rule 401: after a cancellation the VEN may try again at an interval of the deployment's choice.
        var again = turn.Config.RegisterAgainAfter;
        turn.State = turn.State with { Plan = new RegistrationPlan { Paused = again is null, NotBefore = turn.Now + again } };
        turn.Alarm(NoteKind.RegistrationEnded, null, $"The VTN cancelled the registration; its events and reports are gone.{EventOpt.KeptInWords(turn.State)}");
    }

    /// <summary>The VTN answered the VEN's own cancellation.</summary>
    public static void CancelAnswered(Turn turn, Owed item, EiResponse response)
    {
        turn.Settle(item);
        if (!response.IsSuccess && response.Code is not (OadrCodes.InvalidId or OadrCodes.NotRegistered))
        {
            turn.Warn(NoteKind.MessageRefused, null, $"The VTN refused the cancellation with {Conversation.Describe(response)}; the VEN stays registered.");
            return;
        }

        Erase(turn);
        turn.State = turn.State with { Plan = new RegistrationPlan { Paused = true } };
        turn.Inform(NoteKind.RegistrationEnded, "The registration was cancelled on our side; the VEN waits for a person to register it again.");
    }

    /// <summary>OpenADR 2.0b rule 407: with the registration go its METADATA, report requests and everything else that was agreed in it.</summary>
    public static void Erase(Turn turn)
    {
        // A person's choice about an event is theirs, not the registration's: it holds when the event is listed again.
        turn.State.Events.ToList().ForEach(held => EventOpt.Keep(turn, held));
        turn.State = turn.State with { Registration = null, Reports = [], Owed = [], Events = [], Plan = new RegistrationPlan(), Link = new Link() };
    }

    private static void Adopt(Turn turn, Owed.Register item, OadrCreatedPartyRegistration created, string registrationId, string venId)
    {
        var before = turn.State.Registration;
        Duration? pollFrequency = created.RequestedPollFrequency is { } wish
            ? Periods.Clamp(wish, turn.Config.PollFloor, turn.Config.PollCeiling)
            : null;
        var registration = new VenRegistration(registrationId, venId, created.VtnId, pollFrequency);
        turn.Settle(item);
        turn.State = turn.State with
        {
            Registration = registration,
            Plan = turn.State.Plan with { NotBefore = null, Paused = false, Circles = item.Again ? turn.State.Plan.Circles : 0 },
        };
        if (created.RequestedPollFrequency is { } asked && asked.Exactly() != pollFrequency)
        {
            turn.Warn(
                NoteKind.Registered,
                ErrorClass.SemanticDuration,
                $"The VTN asks for a poll each {PeriodText.Format(asked)}; that is taken as {pollFrequency!.Value.TotalSeconds:0.###} s (pollFloor, pollCeiling).");
        }

        if (created.PollFrequencyFault is { } fault)
        {
            turn.Warn(
                NoteKind.Registered,
                ErrorClass.SemanticDuration,
                $"The VTN's oadrRequestedOadrPollFreq is not used: {Printable.Clause(fault)}. Polling every {Line.PollInterval(turn.Config, registration).TotalSeconds:0.###} s instead (pollInterval).");
        }

        if (turn.Config.VenId is { } preset && preset != venId)
        {
            turn.Warn(NoteKind.Registered, ErrorClass.AuthzVenid, $"The VTN assigned venID '{Printable.Line(venId)}' instead of '{preset}'; adopted (set pinVenId to refuse).");
        }

        if (!item.Again || before is null || before.RegistrationId != registrationId || before.VenId != venId)
        {
            BeginNew(turn, before?.VtnId ?? created.VtnId);
        }

        turn.Inform(NoteKind.Registered, $"Registered as '{Printable.Line(venId)}' with VTN '{Printable.Line(created.VtnId)}'.");
    }

    // OpenADR 2.0b rules 305, 309, 405, 406: a new registration wipes the old one's report requests; then METADATA, even an empty one, then all
    // events. Events held are kept until that list is here; what it doesn't hold is cancelled by implication. Their numbers belong to the old one.
    private static void BeginNew(Turn turn, string earlierVtnId)
    {
        var kept = turn.State.Owed.Where(o => o is Owed.Acknowledge or Owed.ConfirmCancelledRegistration);
        turn.State = turn.State with
        {
            Owed = [.. kept, new Owed.PublishMetadata(null), new Owed.RequestEvents()],
            Reports = [],
            Events = turn.State.Events.Select(e => e with { EarlierVtnId = e.EarlierVtnId ?? earlierVtnId }).ToValueList(),
        };

        // Profile section 9.1.8: VENs that start together must not poll together ever after. With a long interval a minute is spread enough.
        var interval = Line.PollInterval(turn.Config, turn.State.Registration);
        Line.PollAfter(turn, Duration.Min(interval, LongestFirstPause) * turn.Random.Fraction());
    }

    // A VTN that asks for registrations for ever (openleadr-python issue 66) gets them ever more slowly, and a person is told.
    private static void ComeRound(Turn turn, Owed.Register register)
    {
        if (turn.State.Owed.Any(o => o is Owed.Register))
        {
            return;
        }

        var plan = turn.State.Plan;
        var calm = plan.CircledAt is not { } last || turn.Now - last > CircleWindow + PauseAfter(plan.Circles);
        var circles = calm ? 1 : plan.Circles + 1;
        turn.State = turn.State with { Plan = plan with { Circles = circles, CircledAt = turn.Now } };
        if (circles <= CirclesAllowed)
        {
            turn.Owe(register);
            return;
        }

        var pause = PauseAfter(circles);
        turn.Owe(register with { NotBefore = turn.Now + pause });
        turn.Alarm(NoteKind.RegistrationLoop, ErrorClass.LoopDetected, $"The VTN made the VEN register {circles} times in a row; next try in {pause.TotalSeconds:0} s.");
    }

    private static Duration PauseAfter(int circles) => circles <= CirclesAllowed
        ? Duration.Zero
        : Duration.Min(CirclePause * (1L << Math.Min(circles - CirclesAllowed, 20)), LongestPause);

    private static bool Correlates(Turn turn, string answered, string sent) =>
        answered == sent || (turn.Config.Quirks.TolerateNoneRequestId && answered is "" or "None");

    private static string Foreign(string answered, string sent) =>
        $"the reply answers request '{Printable.Line(answered)}', not '{sent}' (quirk tolerateNoneRequestId accepts 'None')";
}
