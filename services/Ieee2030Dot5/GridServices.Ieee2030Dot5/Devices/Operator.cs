using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Codec;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Ieee2030Dot5.Walk;
using GridServices.Wire;

namespace GridServices.Ieee2030Dot5.Devices;

/// <summary>What people order, and what the server says unasked.</summary>
internal static class Operator
{
    public static void Do(Turn turn, DerAction action)
    {
        switch (action)
        {
            case DerAction.Rediscover:
                turn.Line = turn.Line with { Readings = turn.Line.Readings.Clear(), Holds = turn.Line.Holds.Clear(), QuietUntil = null };
                break;
            case DerAction.Resume:
                Forgive(turn, _ => true);
                break;
            case DerAction.Report:
                Retell(turn);
                break;
        }
    }

    /// <summary>A process begins: nothing that was read is fresh, and the server may have forgotten what it was told.</summary>
    public static void Start(Turn turn)
    {
        turn.Line = new DerLine { Requests = turn.Line.Requests };
        Retell(turn);
    }

    /// <summary>New configuration: another server or identity begins anew; the rest of the tree stands.</summary>
    public static void Reconfigure(Turn turn, DerClientConfig? previous, List<EnginePublication> publications)
    {
        if (previous is null)
        {
            return;
        }

        var config = turn.Config;
        if (previous.ServerUrl != config.ServerUrl || previous.Discovery != config.Discovery || previous.Lfdi != config.Lfdi || previous.Edition != config.Edition)
        {
            if (previous.ServerUrl != config.ServerUrl)
            {
                // Another server is another authority: what this one ordered ends here.
                foreach (var key in turn.State.Devices.Keys)
                {
                    publications.AddRange(Schedules.Withdraw(turn, key));
                }

                turn.State = turn.State with { Responses = turn.State.Responses.Where(r => r.Outcome != Responses.ResponseOutcome.Owed).ToValueList() };
            }

            var clock = previous.ServerUrl == config.ServerUrl ? turn.State.Clock : new Time.ServerClock();
            turn.State = turn.State with { Entry = null, Heard = null, Nodes = DerClientState.Empty<Node>(), Clock = clock };
            turn.Line = new DerLine { Requests = turn.Line.Requests };
            foreach (var key in turn.State.Devices.Keys)
            {
                turn.Change(key, d => d with { Presence = Presence.Unknown, Location = null, Pin = PinVerdict.Open, Told = DerClientState.Empty<string>(), Mirrors = [] });
            }

            Entrance.Open(turn);
            turn.Inform(NoteKind.Configuration, "The server, the identity or the edition changed: discovering anew.");
        }

        // What was refused may be put right now.
        turn.Line = turn.Line with { Holds = turn.Line.Holds.Clear() };
        var pins = Identities.Of(previous);
        Forgive(turn, lfdi => pins.GetValueOrDefault(lfdi)?.Pin != turn.Devices.GetValueOrDefault(lfdi)?.Pin);
    }

    /// <summary>The client is being deleted: all of its devices retire, and keep the revisions of their streams.</summary>
    public static void Remove(Turn turn)
    {
        foreach (var (key, device) in turn.State.Devices.Where(d => !d.Value.Retired))
        {
            Enrolment.Retire(turn, key, device);
        }

        turn.State = new DerClientState { Devices = turn.State.Devices };
    }

    /// <summary>What came to the notification endpoint.</summary>
    public static void Told(Turn turn, ReadOnlyMemory<byte> body)
    {
        // Some servers send the end of a string along.
        var outcome = Sep2Xml.Read(body.TrimEnd((byte)0));
        if (outcome.Resource is not Notification notification)
        {
            var why = outcome.Refusal?.ToString() ?? $"a {outcome.Resource!.GetType().Name} is no Notification";
            turn.Warn(NoteKind.Subscription, outcome.Refusal?.Class ?? ErrorClass.TypeMismatch, $"A notification is refused: {why}.", null);
            return;
        }

        Subscribing.Told(turn, notification);
    }

    private static void Retell(Turn turn)
    {
        turn.Line = turn.Line with { ToldAt = turn.Line.ToldAt.Clear() };
        foreach (var (key, device) in turn.State.Devices.Where(d => d.Value.Told.Count > 0))
        {
            turn.State = turn.State with { Devices = turn.State.Devices.SetItem(key, device with { Told = DerClientState.Empty<string>() }) };
        }
    }

    private static void Forgive(Turn turn, Func<string, bool> which)
    {
        foreach (var (key, _) in turn.State.Devices.Where(d => d.Value.Pin != PinVerdict.Open && which(d.Key)))
        {
            turn.Change(key, d => d with { Pin = PinVerdict.Open });
            Reads.Again(turn, n => n.Kind is NodeKind.Registration or NodeKind.EndDeviceList);
        }
    }
}
