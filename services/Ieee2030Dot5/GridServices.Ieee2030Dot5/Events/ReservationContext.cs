using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Events;

/// <summary>One look at the reservations of a device, while it is taken.</summary>
/// <param name="config">The device's.</param>
/// <param name="now">The server's time.</param>
internal sealed class ReservationContext(DerScheduleConfig config, Instant now)
{
    // What is over is kept so long, so that a server that lists it again gets no second answer.
    private static readonly Duration Memory = Duration.FromHours(24);
    private readonly List<DueResponse> responses = [];
    private readonly List<Note<NoteKind>> notes = [];

    public Instant Now => now;
    public IReadOnlyList<DueResponse> Responses => responses;
    public IReadOnlyList<Note<NoteKind>> Notes => notes;

    /// <summary>The reservations from now on.</summary>
    /// <param name="held">As the last look left them.</param>
    /// <param name="listed">The server's list as last read; null: never.</param>
    /// <param name="offset">Server time minus that of the machine, by which a reservation is asked for.</param>
    public ValueList<Reservation> Process(ValueList<Reservation> held, FlowReservationResponseList? listed, Duration offset)
    {
        var after = held.Where(r => !IsForgotten(r, offset))
            .Select(r => listed is null ? r : GrantIntake.Process(this, r, listed.Readable))
            .Select(r => GrantLife.Respond(this, r)).ToValueList();
        return after.Equals(held) ? held : after;
    }

    /// <summary>When to look again although nothing arrives, server time; null: never.</summary>
    public Instant? Next(ValueList<Reservation> held, Duration offset)
    {
        var ahead = held.SelectMany(r => GrantLife.Changes(r).Concat([r.From + offset, r.Until + offset, r.Until + offset + Memory])).Where(at => at > now).ToList();
        return ahead.Count == 0 ? null : ahead.Min();
    }

    public void Respond(Grant grant, byte status, Instant at, Instant? until = null, bool isRejection = false)
    {
        // Behaviour rule 25: as far as the server asks for it.
        if (grant.ReplyTo is { } replyTo && ControlContent.IsAsked(status, replyTo, grant.ResponseRequired) && (config.SendRejections || !isRejection))
        {
            responses.Add(new DueResponse(grant.MRid, status, replyTo, config.Lfdi, at, until) { IsReservation = true });
        }
    }

    public void Inform(string text, string about) => notes.Add(new Note<NoteKind>(NoteLevel.Information, NoteKind.Reservation, null, about, text));

    public void Warn(ErrorClass error, string text, string about) => notes.Add(new Note<NoteKind>(NoteLevel.Warning, NoteKind.Reservation, error, about, text));

    private bool IsForgotten(Reservation reservation, Duration offset) =>
        reservation.Until + offset + Memory <= now && reservation.Grants.All(g => g.IsRefused || g.End <= now - Memory);
}
