using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Codec;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Discovery;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Ieee2030Dot5.Reporting;
using GridServices.Ieee2030Dot5.Session;
using GridServices.Ieee2030Dot5.Time;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Devices;

/// <summary>What people order, and what the server says unasked.</summary>
internal static class OperatorCommands
{
    public static void Execute(StepContext context, DerAction action)
    {
        switch (action)
        {
            case DerAction.Rediscover:
                context.Line = context.Line with { Readings = context.Line.Readings.Clear(), Holds = context.Line.Holds.Clear(), QuietUntil = null };
                break;
            case DerAction.Resume:
                ResetPins(context, _ => true, isSame: true);
                break;
            case DerAction.Report:
                ResendReports(context);
                break;
        }
    }

    /// <summary>A process begins: nothing that was read is fresh, and the server may have forgotten what it was told.</summary>
    /// <param name="context">The step so far.</param>
    /// <param name="clockStep">How far the machine's clock is ahead of ours already.</param>
    public static void Start(StepContext context, Duration clockStep)
    {
        context.State = context.State with { Clock = ClockRules.Begin(context.State.Clock, clockStep, context.Now) };
        AssignmentTimes.Change(context, c => ClockRules.Begin(c, clockStep, context.Now));
        context.Line = new DerLine { Requests = context.Line.Requests, LostSince = context.Line.LostSince, LostBy = context.Line.LostBy, TimeAwaitedUntil = context.Now + ClockRules.Awaited };
        Subscribing.Start(context);
        ResendReports(context);
    }

    /// <summary>New configuration: another server or identity begins anew; the rest of the tree stands.</summary>
    public static void Reconfigure(StepContext context, DerClientConfig? previous, List<EnginePublication> publications)
    {
        if (previous is null)
        {
            return;
        }

        var config = context.Config;
        if (previous.ServerUrl != config.ServerUrl || previous.Discovery != config.Discovery || previous.Lfdi != config.Lfdi || previous.Edition != config.Edition)
        {
            if (previous.ServerUrl != config.ServerUrl)
            {
                // Another server is another authority: what this one ordered ends here.
                foreach (var key in context.State.Devices.Keys)
                {
                    publications.AddRange(Schedules.Withdraw(context, key));
                    publications.AddRange(LoadControls.Withdraw(context, key));
                    publications.AddRange(Prices.Withdraw(context, key));
                }

                context.State = context.State with { Responses = context.State.Responses.Where(r => r.Outcome != Responses.ResponseOutcome.Owed).ToValueList() };
            }

            var clock = previous.ServerUrl == config.ServerUrl ? context.State.Clock : new ServerClock { Step = context.State.Clock.Step };
            context.State = context.State with { Entry = null, Heard = null, Nodes = DerClientState.Empty<Node>(), Subscriptions = DerClientState.Empty<HeldSubscription>(), Clock = clock };
            context.Line = new DerLine { Requests = context.Line.Requests, LostSince = context.Line.LostSince, LostBy = context.Line.LostBy };
            var isSame = previous.ServerUrl == config.ServerUrl && previous.Lfdi == config.Lfdi;
            foreach (var key in context.State.Devices.Keys)
            {
                context.Change(key, d => d with
                {
                    Presence = Presence.Unknown,
                    Location = null,
                    Pin = PinVerdict.Open,
                    HasMatched = previous.ServerUrl == config.ServerUrl && PinRules.HasMatched(d),
                    CeasedAt = null,
                    Told = DerClientState.Empty<string>(),
                    Mirrors = [],
                    IsListMissed = false,
                    Sheddable = isSame ? d.Sheddable : null,
                    Reservations = isSame ? d.Reservations : Reserving.RequestAllAgain(d.Reservations),
                });
            }

            EntryPoint.Open(context);
            context.Inform(NoteKind.Configuration, "The server, the identity or the edition changed: discovering anew.");
        }

        Alarms.Recount(context);
        if (previous.Subscriptions.NotificationUrl != config.Subscriptions.NotificationUrl)
        {
            Subscribing.ResetAddress(context);
        }

        // What was refused may be put right now.
        context.Line = context.Line with { Holds = context.Line.Holds.Clear(), LeavingSince = null };
        ConditionalReads.Clear(context);
        var pins = Identities.GetDevices(previous, context.State);
        ResetPins(context, lfdi => pins.GetValueOrDefault(lfdi)?.Pin != context.Devices.GetValueOrDefault(lfdi)?.Pin, isSame: false);
    }

    /// <summary>The client is being deleted: all of its devices retire, and keep the revisions of their streams.</summary>
    public static void Remove(StepContext context)
    {
        foreach (var (key, device) in context.State.Devices.Where(d => !d.Value.Retired))
        {
            DeviceRegistration.Retire(context, key, device);
        }

        context.State = new DerClientState { Devices = context.State.Devices, Founder = context.State.Founder };
    }

    /// <summary>What came to the notification endpoint.</summary>
    public static void ProcessNotification(StepContext context, ReadOnlyMemory<byte> body)
    {
        // Some servers send the end of a string along.
        var outcome = Sep2Xml.Read(body.TrimEnd((byte)0));
        if (outcome.Resource is not Notification notification)
        {
            var why = outcome.Refusal?.ToString() ?? $"a {outcome.Resource!.GetType().Name} is no Notification";
            context.Warn(NoteKind.Subscription, outcome.Refusal?.Class ?? ErrorClass.TypeMismatch, $"A notification is refused: {why}.", null);
            HeartbeatPolling.Doubt(context, "A notification could not be read.", null);
            return;
        }

        NotificationIntake.Process(context, notification);
    }

    private static void ResendReports(StepContext context)
    {
        context.Line = context.Line with { ToldAt = context.Line.ToldAt.Clear() };
        foreach (var (key, device) in context.State.Devices.Where(d => d.Value.Told.Count > 0))
        {
            context.State = context.State with { Devices = context.State.Devices.SetItem(key, device with { Told = DerClientState.Empty<string>() }) };
        }
    }

    // Compared anew; a PIN that is configured otherwise was never shown.
    private static void ResetPins(StepContext context, Func<string, bool> which, bool isSame)
    {
        foreach (var (key, _) in context.State.Devices.Where(d => (d.Value.Pin != PinVerdict.Open || (!isSame && d.Value.HasMatched)) && which(d.Key)))
        {
            context.Line = context.Line with { PinDoubts = context.Line.PinDoubts.Remove(key) };
            context.Change(key, d => d with { Pin = PinVerdict.Open, HasMatched = isSame && PinRules.HasMatched(d), CeasedAt = null });
            Reads.Again(context, n => n.Kind is NodeKind.Registration or NodeKind.EndDeviceList);
        }
    }
}
