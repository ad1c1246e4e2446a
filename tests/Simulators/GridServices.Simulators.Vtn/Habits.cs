using System.Xml.Linq;
using GridServices.Simulators.Vtn.Messages;
using NodaTime;

namespace GridServices.Simulators.Vtn;

/// <summary>What VTNs in the field do against the letter of the standard, or at its edges, all the time.</summary>
public enum Habit
{
    /// <summary>A VEN's oadrResponse is answered by an empty HTTP 200 (openleadr).</summary>
    EmptyAcknowledgements,

    /// <summary>Any message of a VEN that is not known is answered by oadrRequestReregistration instead of 463 (openleadr).</summary>
    AsksReregistration,

    /// <summary>Durations as Java writes them: <c>P0Y0M0DT1H0M0.000S</c>.</summary>
    JavaDurations,

    /// <summary>An event that is over is listed once more, as completed, and an answer to it fails with HTTP 500 (openleadr).</summary>
    CompletedOnce,

    /// <summary>No prefixes: each element states its own namespace (EPRI).</summary>
    DefaultNamespaces,

    /// <summary>One namespace under two prefixes.</summary>
    TwoPrefixes,

    /// <summary>Registers every VEN with success and answers its METADATA with 463: it waits for approval, or its nodes have no store in common.</summary>
    ForgetsAtMetadata,

    /// <summary>Has lost its events and answers each request for them by oadrResponse, which implies nothing (openleadr without events).</summary>
    ListsNothing,

    /// <summary>With --sign: what it says is not signed, though it demands signatures.</summary>
    Unsigned,

    /// <summary>With --sign: each signature has the same nonce.</summary>
    OneNonce,

    /// <summary>With --sign: KeyInfo holds a second certificate that can't be read.</summary>
    BrokenKeyInfo,
}

/// <summary>The habits that a VTN has, changeable while it runs.</summary>
public sealed class Habits(IEnumerable<Habit> first)
{
    private volatile HashSet<Habit> now = [.. first];

    public bool Has(Habit habit) => now.Contains(habit);

    public IReadOnlyCollection<Habit> Now
    {
        get => now;
        set => now = [.. value];
    }

    /// <summary>A message in the form that this VTN gives it.</summary>
    internal XElement Written(XElement message)
    {
        if (Has(Habit.JavaDurations))
        {
            foreach (var duration in message.DescendantsAndSelf(Ns.Xcal + "duration").Where(d => !d.HasElements && d.Value.Length > 0))
            {
                duration.Value = Java(IsoText.ParseDuration(duration.Value));
            }
        }

        if (Has(Habit.TwoPrefixes))
        {
            foreach (var descriptor in message.Descendants(Ns.Ei + "eventDescriptor"))
            {
                descriptor.SetAttributeValue(XNamespace.Xmlns + "energy", Ns.Ei);
            }
        }

        return Has(Habit.DefaultNamespaces) ? new XElement(Ns.Oadr + "oadrPayload", new XElement(Ns.Oadr + "oadrSignedObject", message)) : Payload.Wrap(message);
    }

    private static string Java(Duration duration)
    {
        var size = duration < Duration.Zero ? -duration : duration;
        return FormattableString.Invariant($"{(size == duration ? "" : "-")}P0Y0M{size.Days}DT{size.Hours}H{size.Minutes}M{size.Seconds}.000S");
    }
}
