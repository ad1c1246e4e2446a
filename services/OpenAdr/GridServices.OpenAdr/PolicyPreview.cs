using GridServices.Contracts;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Envelopes;
using GridServices.OpenAdr.Events;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Registration;
using NodaTime;

namespace GridServices.OpenAdr;

/// <summary>What a VEN would make of an oadrDistributeEvent that holds all events there are; nothing is stored, sent or published.</summary>
/// <param name="State">The events as they would be held or refused.</param>
/// <param name="Publications">What would be published because of them.</param>
/// <param name="Notes">What would be told to people.</param>
public sealed record PolicyPreview(VenState State, IReadOnlyList<EnginePublication> Publications, IReadOnlyList<Note<NoteKind>> Notes)
{
    /// <param name="config">The VEN.</param>
    /// <param name="registration">Its registration; null: one with the VTN that the message comes from is assumed.</param>
    /// <param name="message">The payload.</param>
    /// <param name="sha256">Of the payload, lower-case hex.</param>
    /// <param name="at">When it comes.</param>
    public static PolicyPreview Compute(VenConfig config, VenRegistration? registration, OadrDistributeEvent message, string sha256, Instant at)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(message);
        var venId = config.VenId ?? message.Events.SelectMany(e => e.Value?.Target.VenIds ?? []).FirstOrDefault() ?? "preview";
        var before = VenState.Initial with { Registration = (registration ?? new VenRegistration("preview", venId, message.VtnId, null)) with { VtnId = message.VtnId } };
        var context = new StepContext(config, before, at, new SeededRandom(0));
        if (registration is not null && registration.VtnId != message.VtnId)
        {
            context.Warn(
                NoteKind.MessageRefused,
                ErrorClass.AuthzVtnid,
                $"The payload's vtnID is '{SafeText.Short(message.VtnId)}', and the VEN is registered with '{SafeText.Short(registration.VtnId)}': from there it would be refused as a whole.");
        }

        EventLedger.Receive(context, message, sha256);
        var publications = Publishing.CreatePublications(context, before, new VenInput.ReadingsArrived([]));

        // What would be answered stands with the events; nothing is owed to anybody.
        return new PolicyPreview(context.State with { Owed = [] }, publications, context.Notes);
    }
}
