using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.EnvelopeHub.Sites;

namespace GridServices.EnvelopeHub.Service.Sites;

/// <summary>Whether a stored row is what was stored: disks, file systems and people change digits without a word.</summary>
internal static class EntryProof
{
    /// <summary>Binds a live row to its key, its sequence and the content it points to.</summary>
    public static string HashLive(string streamKey, long sequence, string content) =>
        Hash(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{streamKey}\n{sequence}\n{content}")));

    /// <summary>The entry, or why the row can't be it.</summary>
    public static (Entry? Entry, string Fault) Read(EntryRow row, SiteKey site)
    {
        if (row.Event is null)
        {
            return (null, "the entry is missing");
        }

        try
        {
            var bytes = Encoding.UTF8.GetBytes(row.Event);
            if (FindFault(row, bytes, site) is { } fault)
            {
                return (null, fault);
            }

            var entry = row.ToEntry();
            return row.LiveKey is { } key && FindFault(row, entry, key) is { } wrong ? (null, wrong) : (entry, string.Empty);
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException or ArgumentException or FormatException or OverflowException)
        {
            return (null, "it can't be read");
        }
    }

    private static string? FindFault(EntryRow row, byte[] bytes, SiteKey site)
    {
        string? sequence = null, type = null, subject = null, content = null;
        var json = new Utf8JsonReader(bytes);
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var name = json.GetString();
            json.Read();
            var from = (int)json.TokenStartIndex;
            switch (name)
            {
                case "sequence": sequence = json.GetString(); break;
                case "type": type = json.GetString(); break;
                case "subject": subject = json.GetString(); break;
                default: json.Skip(); break;
            }

            content = name == "data" ? Hash(bytes.AsSpan(from, (int)json.BytesConsumed - from)) : content;
        }

        return content != row.Content ? "its content does not fit its hash"
            : sequence != row.Sequence.ToString(CultureInfo.InvariantCulture) ? "it carries another sequence"
            : type != row.Type ? "it carries another type"
            : subject != CloudEvents.Subject(site.Tenant, site.SiteId) ? "it is of another site"
            : null;
    }

    private static string? FindFault(EntryRow row, Entry entry, string liveKey) =>
        liveKey != KeyText.Format(entry.Key) ? "it is of another stream"
        : entry.Sequence > row.Head ? "it lies beyond the end of the site's log"
        : row.LiveProof is { } proof && proof != HashLive(liveKey, entry.Sequence, entry.Content) ? "another entry was live"
        : null;

    private static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
