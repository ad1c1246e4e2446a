using System.Globalization;
using System.Text;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Operations.Service.Feeds;

/// <summary>An entry of a calendar.</summary>
internal sealed record CalendarEntry(string Id, Instant From, Instant? Until, string Title, string Text, bool Cancelled, int Sequence, Instant ChangedAt);

/// <summary>Writes calendars that programs subscribe to (RFC 5545): lines of at most 75 octets, times in UTC.</summary>
internal static class CalendarFeed
{
    private const int MostOctets = 75;
    private static readonly InstantPattern Time = InstantPattern.CreateWithInvariantCulture("uuuuMMdd'T'HHmmss'Z'");

    internal static string Write(string name, IEnumerable<CalendarEntry> entries)
    {
        var text = new StringBuilder();
        Add(text, "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//GridServices//Operations//EN", "METHOD:PUBLISH", $"X-WR-CALNAME:{Escape(name)}");
        foreach (var entry in entries)
        {
            Add(text, "BEGIN:VEVENT", $"UID:{entry.Id}@gridservices", $"DTSTAMP:{Time.Format(entry.ChangedAt)}", $"SEQUENCE:{entry.Sequence.ToString(CultureInfo.InvariantCulture)}", $"DTSTART:{Time.Format(entry.From)}");
            if (entry.Until is { } until)
            {
                Add(text, $"DTEND:{Time.Format(until)}");
            }

            Add(text, $"SUMMARY:{Escape(entry.Title)}", $"DESCRIPTION:{Escape(entry.Text)}", entry.Cancelled ? "STATUS:CANCELLED" : "STATUS:CONFIRMED", "END:VEVENT");
        }

        Add(text, "END:VCALENDAR");
        return text.ToString();
    }

    private static string Escape(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(";", "\\;", StringComparison.Ordinal).Replace(",", "\\,", StringComparison.Ordinal).Replace("\r", string.Empty, StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private static void Add(StringBuilder text, params string[] lines)
    {
        foreach (var line in lines)
        {
            var octets = 0;
            foreach (var rune in line.EnumerateRunes())
            {
                if (octets + rune.Utf8SequenceLength > MostOctets)
                {
                    text.Append("\r\n ");
                    octets = 1;
                }

                text.Append(rune.ToString());
                octets += rune.Utf8SequenceLength;
            }

            text.Append("\r\n");
        }
    }
}
