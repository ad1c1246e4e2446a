using System.Runtime.CompilerServices;
using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Discovery;
using GridServices.Ieee2030Dot5.Identity;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Ieee2030Dot5.Session;
using GridServices.Wire;

namespace GridServices.Ieee2030Dot5.Devices;

/// <summary>Which EndDevices of a server are ours.</summary>
internal static class EndDevices
{
    // A list as taken never changes: its index follows from it, and an aggregator's is asked a thousand times between two readings.
    private static readonly ConditionalWeakTable<EndDeviceList, Dictionary<string, EndDevice>> Indexes = [];

    /// <summary>Our device in a list as it was taken, or null.</summary>
    public static EndDevice? Listed(Node list, string lfdi) => list.Known is not EndDeviceList devices ? null
        : Indexes.GetValue(devices, CreateIndex).TryGetValue(lfdi, out var listed) ? listed
        : devices.Readable.FirstOrDefault(d => d.LFdi is null && FindSfdi(lfdi) == d.SFdi);

    /// <summary>
    /// Of a server's list only what concerns us, so that an aggregator's thousand neighbours are neither kept nor walked. A device of ours that is
    /// gone is registered again; until then what was known of it stays, so that a server's lapse doesn't free the site.
    /// </summary>
    public static EndDeviceList Process(StepContext context, Node node, EndDeviceList list, bool complete)
    {
        var ours = OnlyOurs(context, list);
        var index = CreateIndex(ours);
        EndDevice? Find(string lfdi) => index.GetValueOrDefault(lfdi) ?? ours.Readable.FirstOrDefault(d => d.LFdi is null && FindSfdi(lfdi) == d.SFdi);
        var sure = complete && !list.Unreadable.Any();
        foreach (var (lfdi, device) in context.State.Devices.Where(d => !d.Value.Retired))
        {
            var listed = Find(lfdi);
            Appear(context, device, listed is not null ? Presence.Listed : sure ? Presence.Absent : device.Presence, listed, list.Items.Count - ours.Items.Count);
        }

        var absent = (node.Known as EndDeviceList)?.Items.Where(i => i.Value is { } was && Owner(context, was) is { } lfdi && Find(lfdi) is null);
        var kept = ours.Items.Concat(absent ?? []).ToValueList();

        // How many neighbours there are is no news either.
        return ours with { Items = kept, All = kept.Count, Results = kept.Count };
    }

    private static void Appear(StepContext context, DeviceState device, Presence presence, EndDevice? listed, int others)
    {
        var lfdi = device.Lfdi;
        if (device.Presence == Presence.Listed && presence == Presence.Absent)
        {
            context.Warn(NoteKind.RegistrationRefused, ErrorClass.LastKnownGood, $"The server's list no longer holds {lfdi}; its limits stay in force until it is registered again.", lfdi);
        }

        if (device.Presence == Presence.Unknown && presence == Presence.Absent && others > 0)
        {
            context.Warn(NoteKind.RegistrationRefused, ErrorClass.AuthzLfdi, $"None of the server's {others} EndDevices is {lfdi}; they are left alone.", lfdi);
        }

        // A device that was away, or stands elsewhere, is a new one to the server: it is told everything anew.
        var anew = listed is not null && presence == Presence.Listed && (device.Presence == Presence.Absent || device.Known != listed.Href);
        if (anew)
        {
            context.Inform(NoteKind.Registered, $"EndDevice {lfdi} is registered at {SafeText.Quote(listed!.Href ?? "an unnamed place")}.", lfdi);
        }

        if (anew || device.Presence != presence)
        {
            context.Change(lfdi, d => d with
            {
                Presence = presence,
                Known = listed is null ? d.Known : listed.Href,
                Told = anew ? DerClientState.Empty<string>() : d.Told,
                Sheddable = anew && d.Sheddable is { } told ? told with { Digest = string.Empty, Href = null } : d.Sheddable,

                // The first listing is of the registration that was asked already, and a device under another address is none that was lost.
                Reservations = anew && d.Known is not null && d.Presence == Presence.Absent ? Reserving.RequestAgain(d.Reservations) : d.Reservations,
                Pin = anew && d.Pin == PinVerdict.Matches ? PinVerdict.Open : d.Pin,
                HasMatched = PinRules.HasMatched(d),
            });
        }
    }

    private static EndDeviceList OnlyOurs(StepContext context, EndDeviceList list)
    {
        var kept = new List<Readable<EndDevice>>();
        foreach (var device in list.Readable)
        {
            if (Owner(context, device) is { } lfdi && Contradiction(device, lfdi) is { } why)
            {
                context.Warn(NoteKind.ReplyRefused, ErrorClass.SemanticSfdi, $"EndDevice {SafeText.Quote(device.Href ?? lfdi)} is refused: {why}.", device.Href);
            }
            else if (Owner(context, device) is not null)
            {
                kept.Add(device);
            }
        }

        return list with { Items = kept.ToValueList(), Results = kept.Count };
    }

    /// <summary>The LFDI of ours that an EndDevice is of; the aggregator's own counts, its subscriptions live there.</summary>
    public static string? Owner(StepContext context, EndDevice device)
    {
        if (device.LFdi is { } sent)
        {
            var lfdi = sent.ToUpperInvariant();
            return context.Devices.ContainsKey(lfdi) || string.Equals(context.Config.Lfdi, lfdi, StringComparison.OrdinalIgnoreCase) ? lfdi : null;
        }

        return context.Devices.Keys.FirstOrDefault(lfdi => FindSfdi(lfdi) == device.SFdi);
    }

    public static long? FindSfdi(string lfdi) => Lfdi.TryParse(lfdi, out var parsed) ? parsed.Sfdi.Value : null;

    private static Dictionary<string, EndDevice> CreateIndex(EndDeviceList list)
    {
        var index = new Dictionary<string, EndDevice>(StringComparer.OrdinalIgnoreCase);
        foreach (var device in list.Readable.Where(d => d.LFdi is not null))
        {
            index.TryAdd(device.LFdi!, device);
        }

        return index;
    }

    // Only a certificate's own LFDI has an SFDI that follows from it; those an aggregator or a server made up need not.
    private static string? Contradiction(EndDevice device, string lfdi) =>
        device.LFdi is null || Sfdi.TryCreate(device.SFdi, out _)
            ? null
            : $"its sFDI {device.SFdi} fails its own check digit (LFDI {lfdi})";
}
