using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Devices;
using GridServices.Ieee2030Dot5.Discovery;
using GridServices.Ieee2030Dot5.Reporting;
using GridServices.Ieee2030Dot5.Responses;
using GridServices.Ieee2030Dot5.Session;
using GridServices.Ieee2030Dot5.Time;
using NodaTime;

namespace GridServices.Ieee2030Dot5;

/// <summary>An IEEE 2030.5 client: state and input in, new state, publications and the next request out. No I/O, no clock, no dice.</summary>
/// <remarks>
/// <code>
///   ┌─▶ Next ──request──▶ (shell: send) ──status, headers, body──▶ Apply ──▶ state + publications, one transaction ──┐
///   └────────────────────────────────────────────────────────────────────────────────────────────────────────────────┘
///   Apply:  take in the answer ─▶ follow the links ─▶ let the event engine look ─▶ owe what it says, publish what it states
/// </code>
/// A crash anywhere repeats the request: what is owed leaves the state only when its reply was applied. One request at a time.
/// </remarks>
public static class DerClient
{
    /// <summary>What to do now: one request, or wait. Depends on its arguments alone.</summary>
    /// <param name="config">With <see cref="DerClientConfig.Lfdi"/> filled in.</param>
    /// <param name="state">What is known.</param>
    /// <param name="now">Of a clock that never jumps while the process lives.</param>
    public static DerNext Next(DerClientConfig config, DerClientState state, Instant now)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(state);
        if (config.Lfdi is null)
        {
            return new DerNext.WaitUntil(Instant.MaxValue);
        }

        // The schedule first: a limit that begins now doesn't wait for a request.
        var change = Changes.Next(config, state);
        if (change <= now || state.Nodes.IsEmpty)
        {
            return new DerNext.WaitUntil(now);
        }

        if (state.Line.QuietUntil is { } quiet && quiet > now)
        {
            return new DerNext.WaitUntil(Instant.Min(quiet, change));
        }

        var (due, wakeAt, isCrowded) = RequestScheduler.At(config, state, now);
        return due is null ? new DerNext.WaitUntil(Instant.Min(wakeAt, change)) : Requests.For(config, state, due, now) with { IsCrowded = isCrowded };
    }

    /// <summary>Takes in what happened. <paramref name="seed"/>: drawn anew by the caller for every input; the only source of chance.</summary>
    public static EngineStep<DerClientState, NoteKind> Apply(DerClientConfig config, DerClientState state, DerInput input, Instant now, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(state);
        var context = new StepContext(config, state, now, seed);
        if (config.Lfdi is null)
        {
            return new EngineStep<DerClientState, NoteKind>(state, [], [], MustStore: false);
        }

        var publications = new List<EnginePublication>();
        Identities.Found(context, input);
        EntryPoint.Open(context);
        DeviceRegistration.Synchronize(context);
        HandleReply(context, input, publications);
        Averages.Close(context);
        if (input is DerInput.ConfigChanged
            || context.State.Nodes.IsEmpty || !ReferenceEquals(context.State.Nodes, state.Nodes) || !ReferenceEquals(context.State.Devices, state.Devices) || context.State.Entry != state.Entry)
        {
            ResourceTree.Follow(context);
        }

        ClockRules.EndDoubts(context);
        var all = input is DerInput.ConfigChanged or DerInput.Started;
        var changed = Schedules.Changed(state, context.State);
        publications.AddRange(Schedules.Run(context, state, changed, all));
        publications.AddRange(LoadControls.Run(context, state, changed, all));
        publications.AddRange(Prices.Run(context, state, changed, all));
        Responding.Expire(context);
        return new EngineStep<DerClientState, NoteKind>(context.State, publications, context.Notes, MustStore: !context.State.EqualsExceptLine(state));
    }

    private static void HandleReply(StepContext context, DerInput input, List<EnginePublication> publications)
    {
        switch (input)
        {
            case DerInput.ReplyReceived reply:
                ReplyHandler.Handle(context, reply);
                break;
            case DerInput.TransportFailed failed:
                LinkPolicy.Failed(context, failed.Request.Purpose, LinkPolicy.DescribeFailure(failed), null);
                break;
            case DerInput.ReadingsArrived { Readings: var readings }:
                Averages.Process(context, readings);
                break;
            case DerInput.NotificationReceived notification:
                OperatorCommands.ProcessNotification(context, notification.Body);
                break;
            case DerInput.NotificationRefused { Why: var why }:
                HeartbeatPolling.Doubt(context, $"A notification was refused: {why}.", ErrorClass.AuthzLfdi);
                break;
            case DerInput.NotificationsShut { Why: var why }:
                HeartbeatPolling.Doubt(context, $"No notification can come in: {why}.", ErrorClass.Unavailable);
                break;
            case DerInput.OperatorAction { Action: var action }:
                OperatorCommands.Execute(context, action);
                break;
            case DerInput.ConfigChanged { Previous: var previous }:
                OperatorCommands.Reconfigure(context, previous, publications);
                break;
            case DerInput.Started { ClockStep: var step }:
                OperatorCommands.Start(context, step);
                break;
            case DerInput.ClockStepped { Step: var step }:
                context.State = context.State with { Clock = context.State.Clock with { Step = step } };
                AssignmentTimes.Change(context, c => c with { Step = step });
                OperatorCommands.Execute(context, DerAction.Rediscover);
                break;
            case DerInput.Reserve { SiteId: var site, Wanted: var wanted }:
                Reserving.Reserve(context, site, wanted);
                break;
            case DerInput.Withdraw { ReservationId: var id }:
                Reserving.Withdraw(context, id);
                break;
            case DerInput.Opt { SiteId: var site, MRid: var mrid, IsOut: var isOut }:
                LoadControlOpts.Choose(context, site, mrid, isOut);
                break;
            case DerInput.Leaving:
                Subscribing.Leave(context);
                break;
            case DerInput.Removed:
                OperatorCommands.Remove(context);
                break;
        }
    }
}
