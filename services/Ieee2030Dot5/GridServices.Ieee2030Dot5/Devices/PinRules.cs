using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Discovery;
using GridServices.Ieee2030Dot5.Identity;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Ieee2030Dot5.Session;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Devices;

/// <summary>Proof that the utility means this very device, before anything it says is obeyed.</summary>
internal static class PinRules
{
    /// <summary>A PIN that matched before is another's once as many readings over <see cref="Departures.Confirmation"/> say so; it is read again after this.</summary>
    private static readonly Duration Recheck = Duration.FromSeconds(10);
    private const int Readings = 3;

    /// <summary>True: what follows from the EndDevice may be read and obeyed.</summary>
    public static bool MayGoOn(StepContext context, DeviceState device, EndDevice own, Node at)
    {
        // CSIP-AUS ALL-05: without a Registration resource there is nothing to compare.
        if (context.Devices.GetValueOrDefault(device.Lfdi)?.Pin is null || own.RegistrationLink is null || device.Pin == PinVerdict.Matches)
        {
            return true;
        }

        return FindRegistration(context, own, at) is { Missing: true };
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
                && FindRegistration(context, found.Own, found.At)?.Key == registration.Key)
            {
                Decide(context, device, registration, matches: sent == expected.Value);
            }
        }
    }

    /// <summary>The EndDevice of ours, and the node it was read in.</summary>
    public static (EndDevice Own, Node At)? OwnDevice(StepContext context, string lfdi) => TreeLookup.OwnDevice(context.State, lfdi);

    private static Pin? Expected(StepContext context, string lfdi)
    {
        var text = context.Devices.GetValueOrDefault(lfdi)?.Pin;
        return text is { Length: 5 } && int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var five)
            ? Pin.FromDigits(five)
            : Pin.TryParse(text, out var pin) ? pin : null;
    }

    private static Node? FindRegistration(StepContext context, EndDevice own, Node at) =>
        own.RegistrationLink is { } link && Hrefs.TryPin(context.Config.ServerUrl, at.Href, link.Href, out var path, out _)
            ? context.State.Nodes.GetValueOrDefault(Node.GetKey(NodeKind.Registration, path))
            : null;

    private static void Decide(StepContext context, DeviceState device, Node registration, bool matches)
    {
        if (matches)
        {
            context.Line = context.Line with { PinDoubts = context.Line.PinDoubts.Remove(device.Lfdi) };
            if (device is not { Pin: PinVerdict.Matches, HasMatched: true })
            {
                context.Change(device.Lfdi, d => d with { Pin = PinVerdict.Matches, HasMatched = true, CeasedAt = null });
            }

            return;
        }

        if (device.Pin == PinVerdict.Differs || (HasMatched(device) && !IsConfirmed(context, device, registration)))
        {
            return;
        }

        // CSIP-AUS ALL-03-REJ asks for silence, and for nothing that would free the site.
        context.Line = context.Line with { PinDoubts = context.Line.PinDoubts.Remove(device.Lfdi) };
        context.Change(device.Lfdi, d => d with { Pin = PinVerdict.Differs, HasMatched = HasMatched(d), CeasedAt = context.Now });
        context.Alarm(NoteKind.PinMismatch, ErrorClass.AuthzLfdi,
            $"The PIN of the server's registration of {device.Lfdi} is not the configured one: communication ceases. What was ordered before runs to its end, then the default holds, "
            + "and the site's fallback where there is none. Check the PIN with the utility, correct it here, then resume.", device.Lfdi);
    }

    /// <summary>True: the configured PIN was shown before.</summary>
    public static bool HasMatched(DeviceState device) => device.HasMatched || device.Pin == PinVerdict.Matches;

    private static bool IsConfirmed(StepContext context, DeviceState device, Node registration)
    {
        var doubt = context.Line.PinDoubts.GetValueOrDefault(device.Lfdi) is { } before ? before with { Readings = before.Readings + 1 } : new PinDoubt(context.Now, 1);
        if (doubt.Readings >= Readings && context.Now - doubt.Since >= Departures.Confirmation)
        {
            return true;
        }

        if (doubt.Readings == 1)
        {
            context.Warn(NoteKind.PinMismatch, ErrorClass.LastKnownGood,
                $"The PIN of the server's registration of {device.Lfdi}, which matched before, was read as another; communication ceases if that is read for {Departures.Confirmation.TotalSeconds:0} s.", device.Lfdi);
        }

        var reading = context.Line.Readings.GetValueOrDefault(registration.Key) ?? new NodeReading();
        context.Line = context.Line with
        {
            PinDoubts = context.Line.PinDoubts.SetItem(device.Lfdi, doubt),
            Readings = context.Line.Readings.SetItem(registration.Key, reading with { AgainAt = context.Now + Recheck }),
        };
        return false;
    }
}

/// <summary>A PIN that matched before and was read as another.</summary>
/// <param name="Since">When it was first, our time.</param>
/// <param name="Readings">How often in a row.</param>
public sealed record PinDoubt(Instant Since, int Readings);
