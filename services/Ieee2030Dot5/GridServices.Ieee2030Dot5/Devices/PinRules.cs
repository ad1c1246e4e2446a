using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Discovery;
using GridServices.Ieee2030Dot5.Identity;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Ieee2030Dot5.Session;

namespace GridServices.Ieee2030Dot5.Devices;

/// <summary>Proof that the utility means this very device, before anything it says is obeyed.</summary>
internal static class PinRules
{
    /// <summary>True: what follows from the EndDevice may be read and obeyed.</summary>
    public static bool MayGoOn(StepContext context, DeviceState device, EndDevice own, Node at)
    {
        // CSIP-AUS ALL-05: without a Registration resource there is nothing to compare.
        if (context.Devices.GetValueOrDefault(device.Lfdi)?.Pin is null || own.RegistrationLink is null || device.Pin == PinVerdict.Matches)
        {
            return true;
        }

        return RegistrationOf(context, own, at) is { Missing: true };
    }

    /// <summary>Compares every registration that was read; called whenever one was.</summary>
    public static void Compare(StepContext context, Node registration)
    {
        if (registration.Known is not Messages.Registration { Pin: var sent })
        {
            return;
        }

        foreach (var (lfdi, device) in context.State.Devices)
        {
            if (Expected(context, lfdi) is { } expected && OwnDevice(context, lfdi) is { } found
                && RegistrationOf(context, found.Own, found.At)?.Key == registration.Key)
            {
                Decide(context, device, matches: sent == expected.Value);
            }
        }
    }

    /// <summary>The EndDevice of ours, and the node it was read in.</summary>
    public static (EndDevice Own, Node At)? OwnDevice(StepContext context, string lfdi) => TreeLookup.OwnDevice(context.State, lfdi);

    private static Pin? Expected(StepContext context, string lfdi)
    {
        var text = context.Devices.GetValueOrDefault(lfdi)?.Pin;
        return text is { Length: 5 } && int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var five)
            ? Pin.OfDigits(five)
            : Pin.TryParse(text, out var pin) ? pin : null;
    }

    private static Node? RegistrationOf(StepContext context, EndDevice own, Node at) =>
        own.RegistrationLink is { } link && Hrefs.TryPin(context.Config.ServerUrl, at.Href, link.Href, out var path, out _)
            ? context.State.Nodes.GetValueOrDefault(Node.KeyOf(NodeKind.Registration, path))
            : null;

    private static void Decide(StepContext context, DeviceState device, bool matches)
    {
        var verdict = matches ? PinVerdict.Matches : PinVerdict.Differs;
        if (device.Pin == verdict)
        {
            return;
        }

        context.Change(device.Lfdi, d => d with { Pin = verdict });
        if (!matches)
        {
            // CSIP-AUS ALL-03-REJ
            context.Alarm(NoteKind.PinMismatch, ErrorClass.AuthzLfdi,
                $"The PIN of the server's registration of {device.Lfdi} is not the configured one: communication ceases and its limits are withdrawn. "
                + "Check the PIN with the utility, correct it here, then resume.", device.Lfdi);
        }
    }
}
