namespace GridServices.OpenAdr.Registration;

/// <summary>What people order.</summary>
internal static class Operator
{
    public static void Do(Turn turn, VenAction action)
    {
        var registered = turn.State.Registration is not null;
        switch (action)
        {
            case VenAction.QueryRegistration:
                OweOnce(turn, new Owed.QueryRegistration());
                break;
            case VenAction.Register or VenAction.Reregister when !registered:
                turn.State = turn.State with { Plan = new RegistrationPlan { Queried = turn.State.Plan.Queried } };
                break;
            case VenAction.Register:
                OweOnce(turn, new Owed.Register(Again: false));
                break;
            case VenAction.Reregister:
                OweOnce(turn, new Owed.Register(Again: true));
                break;
            case VenAction.Resend:
                Delivery.Resend(turn);
                break;
            case VenAction.CancelRegistration when !registered:
                turn.State = turn.State with { Plan = turn.State.Plan with { Paused = true } };
                break;
            case VenAction.CancelRegistration:
                OweOnce(turn, new Owed.CancelRegistration());
                break;
            case var _ when !registered:
                turn.Warn(NoteKind.MessageIgnored, null, "That needs a registration; register the VEN first.");
                break;
            case VenAction.RequestEvents:
                OweOnce(turn, new Owed.RequestEvents());
                break;
            case VenAction.PublishMetadata:
                OweOnce(turn, new Owed.PublishMetadata(null));
                break;
            case VenAction.RequestVtnMetadata:
                OweOnce(turn, new Owed.RequestVtnMetadata());
                break;
        }

        turn.State = turn.State with { Link = turn.State.Link with { QuietUntil = null } };
    }

    /// <summary>New configuration: another VTN or name means another registration, other report channels mean METADATA anew.</summary>
    public static void Reconfigure(Turn turn, VenConfig? previous)
    {
        if (previous is null)
        {
            return;
        }

        var config = turn.Config;
        if (previous.VtnUrl != config.VtnUrl || previous.VenName != config.VenName || previous.VenId != config.VenId)
        {
            RegistrationRules.Erase(turn);
            turn.Inform(NoteKind.Configuration, "The VTN, the name or the venID changed: registering anew.");
        }

        // OpenADR 2.0b rule 306: METADATA tells all capabilities there are, so it is told again when they change.
        else if (turn.State.Registration is not null && !previous.Reports.SequenceEqual(config.Reports))
        {
            OweOnce(turn, new Owed.PublishMetadata(null));
        }
    }

    private static void OweOnce(Turn turn, Owed item)
    {
        // Ordered anew, what waits or is parked is sent now.
        if (turn.State.Owed.FirstOrDefault(o => o.Fresh() == item) is { } owed)
        {
            turn.Replace(owed, item);
        }
        else
        {
            turn.Owe(item);
        }
    }
}
