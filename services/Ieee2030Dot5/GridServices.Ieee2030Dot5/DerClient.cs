using GridServices.Ieee2030Dot5.Devices;
using GridServices.Ieee2030Dot5.Reporting;
using GridServices.Ieee2030Dot5.Responses;
using GridServices.Ieee2030Dot5.Walk;
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

        var (due, wakeAt) = Agenda.At(config, state, now);
        return due is null ? new DerNext.WaitUntil(Instant.Min(wakeAt, change)) : Requests.For(config, state, due, now);
    }

    /// <summary>Takes in what happened. <paramref name="seed"/>: drawn anew by the caller for every input; the only source of chance.</summary>
    public static EngineStep<DerClientState, NoteKind> Apply(DerClientConfig config, DerClientState state, DerInput input, Instant now, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(state);
        var turn = new Turn(config, state, now, seed);
        if (config.Lfdi is null)
        {
            return new EngineStep<DerClientState, NoteKind>(state, [], [], MustStore: false);
        }

        var publications = new List<EnginePublication>();
        Entrance.Open(turn);
        Enrolment.Keep(turn);
        TakeIn(turn, input, publications);
        Averages.Close(turn);
        if (turn.State.Nodes.IsEmpty || !ReferenceEquals(turn.State.Nodes, state.Nodes) || !ReferenceEquals(turn.State.Devices, state.Devices) || turn.State.Entry != state.Entry)
        {
            Outline.Follow(turn);
        }

        publications.AddRange(Schedules.Run(turn, state, all: input is DerInput.ConfigChanged or DerInput.Started));
        Responding.Expire(turn);
        return new EngineStep<DerClientState, NoteKind>(turn.State, publications, turn.Notes, MustStore: !turn.State.SameButLine(state));
    }

    private static void TakeIn(Turn turn, DerInput input, List<EnginePublication> publications)
    {
        switch (input)
        {
            case DerInput.ReplyReceived reply:
                Conversation.Take(turn, reply);
                break;
            case DerInput.TransportFailed failed:
                Line.Failed(turn, failed.Request.Purpose, Line.Words(failed), null);
                break;
            case DerInput.ReadingsArrived { Readings: var readings }:
                Averages.Take(turn, readings);
                break;
            case DerInput.NotificationReceived notification:
                Operator.Told(turn, notification.Body);
                break;
            case DerInput.OperatorAction { Action: var action }:
                Operator.Do(turn, action);
                break;
            case DerInput.ConfigChanged { Previous: var previous }:
                Operator.Reconfigure(turn, previous, publications);
                break;
            case DerInput.Started:
                Operator.Start(turn);
                break;
            case DerInput.Removed:
                Operator.Remove(turn);
                break;
        }
    }
}
