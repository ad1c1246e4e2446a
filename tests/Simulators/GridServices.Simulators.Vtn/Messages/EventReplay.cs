using System.Xml.Linq;
using NodaTime;

namespace GridServices.Simulators.Vtn.Messages;

/// <summary>Moves a real oadrDistributeEvent to today: another's payload, our times and IDs.</summary>
internal static class EventReplay
{
    /// <summary>How a payload is rewritten.</summary>
    public sealed record Options
    {
        /// <summary>Where the earliest event starts; null leaves all times alone.</summary>
        public Instant? Start { get; init; }

        /// <summary>The registered IDs; null leaves the payload's own.</summary>
        public string? VenId { get; init; }
        public string? VtnId { get; init; }

        /// <summary>Appended to each eventID, so that the same file can be sent twice as two events.</summary>
        public string Suffix { get; init; } = "";

        /// <summary>Replaces each event's market context; null leaves it.</summary>
        public string? MarketContext { get; init; }
    }

    /// <summary>Rewrites in place. Times between the events, and intervals' own dtstart, keep their distances.</summary>
    /// <exception cref="SimException">The root holds no oadrDistributeEvent with an event that has a start.</exception>
    public static void Apply(XElement root, Options options, Instant now)
    {
        var message = Payload.Message(root);
        var events = message.Elements(Ns.Oadr + "oadrEvent").ToList();
        if (message.Name != Ns.Oadr + "oadrDistributeEvent" || events.Count == 0)
        {
            throw new SimException("Only a 2.0b oadrDistributeEvent with at least one oadrEvent can be replayed.");
        }

        // What is changed is no longer what was signed.
        root.Elements("{http://www.w3.org/2000/09/xmldsig#}Signature").Remove();
        if (options.Start is { } start)
        {
            var shift = start - events.Min(e => FindStart(e) ?? throw new SimException("An event has no readable dtstart."));
            Shift(message, shift, now);
        }

        foreach (var e in events)
        {
            e.Descendants(Ns.Ei + "eventID").First().Value += options.Suffix;
            if (options.MarketContext is { } context)
            {
                e.Descendants(Ns.Emix + "marketContext").First().Value = context;
            }
        }

        if (options.VenId is { } ven && options.VtnId is { } vtn)
        {
            message.Elements(Ns.Ei + "vtnID").First().Value = vtn;
            foreach (var id in events.Descendants(Ns.Ei + "venID"))
            {
                id.Value = ven;
            }
        }
    }

    public static Instant? FindStart(XElement oadrEvent) =>
        IsoText.ParseInstantOrNull(oadrEvent.Descendants(Ns.Ei + "eiActivePeriod").Descendants(Ns.Xcal + "date-time").FirstOrDefault()?.Value);

    private static void Shift(XElement message, Duration shift, Instant now)
    {
        foreach (var time in message.Descendants(Ns.Xcal + "date-time"))
        {
            time.Value = IsoText.ParseInstantOrNull(time.Value) is { } was ? IsoText.Format(was + shift) : time.Value;
        }

        foreach (var name in new[] { "createdDateTime", "modificationDateTime" })
        {
            foreach (var time in message.Descendants(Ns.Ei + name))
            {
                time.Value = IsoText.Format(now);
            }
        }
    }
}
