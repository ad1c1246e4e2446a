using System.Text.Json.Nodes;
using GridServices.Simulators.Vtn.Messages;

namespace GridServices.Simulators.Vtn;

public sealed partial class VtnServer
{
    /// <summary>True once a VEN is registered and was told of its events or gave its METADATA.</summary>
    public bool AnyVen
    {
        get
        {
            lock (gate)
            {
                return vens.Values.Any(v => v.LastPollAt is not null);
            }
        }
    }

    /// <summary>The next poll of the VEN is answered with exactly these bytes.</summary>
    /// <exception cref="SimException">There is no such VEN.</exception>
    public void Inject(string? venId, byte[] raw)
    {
        lock (gate)
        {
            Pick(venId).PollQueue.Enqueue(new(null, raw));
        }
    }

    /// <exception cref="SimException">There is no such VEN.</exception>
    public void RequestReregistration(string? venId)
    {
        lock (gate)
        {
            var ven = Pick(venId);
            ven.PollQueue.Enqueue(new(RegistrationMessages.RequestReregistration(ven.VenId), null));
            log.Add("reregistration-requested", ven.VenId, $"asks {ven.VenId} to register again");
        }
    }

    /// <param name="venId">The VEN; null: the only one.</param>
    /// <param name="registrationId">Another than the VEN's own, to see it refused (452).</param>
    /// <exception cref="SimException">There is no such VEN.</exception>
    public void CancelRegistration(string? venId, string? registrationId)
    {
        lock (gate)
        {
            var ven = Pick(venId);
            ven.PollQueue.Enqueue(new(RegistrationMessages.CancelPartyRegistration(NewId("cancel"), registrationId ?? ven.RegistrationId, ven.VenId), null));
            log.Add("cancelling-registration", ven.VenId, $"cancels the registration of {ven.VenId}");
        }
    }

    /// <summary>Forgets the VEN as a restarted VTN would: its next message is answered 463 (rule 517).</summary>
    /// <exception cref="SimException">There is no such VEN.</exception>
    public void Forget(string? venId)
    {
        lock (gate)
        {
            var ven = Pick(venId);
            vens.Remove(ven.VenId);
            log.Add("forgotten", ven.VenId, $"forgets {ven.VenId}");
        }
    }

    public JsonArray ShowVens()
    {
        lock (gate)
        {
            return [.. vens.Values.Select(Show)];
        }
    }

    private static JsonObject Show(VenRecord ven) => new()
    {
        ["venId"] = ven.VenId,
        ["venName"] = ven.VenName,
        ["registrationId"] = ven.RegistrationId,
        ["registrations"] = ven.Registrations,
        ["registeredAt"] = IsoText.Format(ven.RegisteredAt),
        ["polls"] = ven.Polls,
        ["lastPollAt"] = ven.LastPollAt is { } at ? IsoText.Format(at) : null,
        ["fingerprint"] = ven.Fingerprint,
        ["metadataReceived"] = ven.MetadataReceived,
        ["pushAddress"] = ven.PushAddress,
        ["queued"] = ven.PollQueue.Count,
        ["eventsChanged"] = ven.EventsChanged,
        ["offered"] = new JsonArray([.. ven.Offered.Select(p => new JsonObject { ["specifierId"] = p.SpecifierId, ["reportName"] = p.ReportName, ["rId"] = p.RId })]),
        ["reportRequests"] = new JsonArray([.. ven.ReportRequests.Keys.Select(id => JsonValue.Create(id))]),
    };

    private VenRecord Pick(string? venId) => venId is null
        ? vens.Values.FirstOrDefault() ?? throw new SimException("No VEN is registered.")
        : vens.GetValueOrDefault(venId) ?? throw new SimException($"No VEN {venId} is registered.");
}
