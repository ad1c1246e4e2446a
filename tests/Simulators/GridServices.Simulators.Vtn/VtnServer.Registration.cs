using System.Xml.Linq;
using GridServices.Simulators.Vtn.Messages;

namespace GridServices.Simulators.Vtn;

public sealed partial class VtnServer
{
    // Rule 403: no IDs while unregistered. Without a client certificate the VTN can't tell who asks.
    private XElement Query(XElement message, string? fingerprint)
    {
        var ven = fingerprint is null ? null : vens.Values.FirstOrDefault(v => string.Equals(v.Fingerprint, fingerprint, StringComparison.Ordinal));
        log.Add("query", ven?.VenId, "asked what this VTN offers (oadrQueryRegistration)");
        return RegistrationMessages.CreatedPartyRegistration(
            "200", "OK", FindRequestId(message), ven?.RegistrationId, ven?.VenId, options.VtnId, options.PollFrequency);
    }

    private XElement Register(XElement message, string? fingerprint)
    {
        var (askedVen, askedRegistration) = (message.Text(Ns.Ei + "venID"), message.Text(Ns.Ei + "registrationID"));
        var name = message.Text(Ns.Oadr + "oadrVenName") ?? askedVen ?? "unnamed";
        if (askedRegistration is not null)
        {
            return Reregister(message, askedVen, askedRegistration);
        }

        // Rule 406: a new registration wipes the old one. Rule 402: a venID at first registration is a preallocated one.
        var venId = askedVen ?? (vens.Count == 0 ? options.VenId : null) ?? $"VEN-{name}";
        var again = vens.Remove(venId);
        var ven = new VenRecord(venId, name, NewId("registration"), clock.GetCurrentInstant()) { Fingerprint = fingerprint, PushAddress = PushAddressIn(message) };
        ven.EventsChanged = events.Exists(e => e.IsFor(venId) && !e.Cancelled);
        vens.Add(venId, ven);
        log.Add(
            "registered", venId,
            $"{name} registered {(again ? "anew " : "")}as {venId} (profile {message.Text(Ns.Oadr + "oadrProfileName")}, {(message.Text(Ns.Oadr + "oadrHttpPullModel") is "true" or "1" ? "pull" : "push")})",
            new() { ["registrationId"] = ven.RegistrationId });
        return Registered(message, ven);
    }

    private XElement Reregister(XElement message, string? venId, string registrationId)
    {
        if (venId is null || !vens.TryGetValue(venId, out var ven) || !string.Equals(ven.RegistrationId, registrationId, StringComparison.Ordinal))
        {
            log.Add("registration-refused", venId, $"{venId} re-registers with unknown registrationID {registrationId}: answered 452");
            return RegistrationMessages.CreatedPartyRegistration("452", "Unknown registrationID or venID", FindRequestId(message), null, null, options.VtnId, options.PollFrequency);
        }

        ven.Registrations++;
        ven.PushAddress = PushAddressIn(message);
        ven.RegisteredAt = clock.GetCurrentInstant();
        log.Add("reregistered", venId, $"{venId} registered again, as {registrationId}");
        return Registered(message, ven);
    }

    private XElement Registered(XElement message, VenRecord ven) => RegistrationMessages.CreatedPartyRegistration(
        "200", "OK", FindRequestId(message), ven.RegistrationId, ven.VenId, options.VtnId, options.PollFrequency);

    // Rule 402: a push VEN says where it is reached.
    private static string? PushAddressIn(XElement message) =>
        message.Text(Ns.Oadr + "oadrHttpPullModel") is "false" or "0" ? message.Text(Ns.Oadr + "oadrTransportAddress") : null;

    private XElement CancelByVen(XElement message)
    {
        var registrationId = message.Text(Ns.Ei + "registrationID");
        if (Find(message) is not { } ven || !string.Equals(ven.RegistrationId, registrationId, StringComparison.Ordinal))
        {
            return RegistrationMessages.CanceledPartyRegistration("452", "Unknown registrationID or venID", FindRequestId(message), registrationId, message.Text(Ns.Ei + "venID"));
        }

        vens.Remove(ven.VenId);
        log.Add("registration-cancelled", ven.VenId, $"{ven.VenId} cancelled its registration");
        return RegistrationMessages.CanceledPartyRegistration("200", "OK", FindRequestId(message), registrationId, ven.VenId);
    }

    private XElement CanceledByVen(XElement message)
    {
        var ven = Find(message);
        var code = message.Find(Ns.Ei + "responseCode");
        if (ven is not null && code is "200")
        {
            vens.Remove(ven.VenId);
        }

        log.Add("registration-cancelled", ven?.VenId, $"{ven?.VenId ?? "a VEN"} answered our cancellation of its registration with {code}");
        return Acknowledged(message);
    }
}
