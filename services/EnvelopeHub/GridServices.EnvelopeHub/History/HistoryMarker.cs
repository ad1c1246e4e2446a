using System.Globalization;
using System.Text;
using System.Text.Json;
using GridServices.Contracts;

namespace GridServices.EnvelopeHub.History;

/// <summary>
/// What lies beside the store and is not part of it: which history the store was of, how many commits it held, and who published.
/// A store that holds less than its marker says was put back or lost.
/// </summary>
/// <param name="Epoch">The history.</param>
/// <param name="Commits">At least so many transactions were committed.</param>
/// <param name="Publishers">Who is to say everything live again after a loss.</param>
public sealed record HistoryMarker(string Epoch, long Commits, IReadOnlyList<PublisherId> Publishers)
{
    /// <summary>Those of them that once came with the epoch of an answer of the hub. A marker of an older version names none.</summary>
    public IReadOnlyList<PublisherId> KnewHub { get; init; } = [];

    /// <summary>Those of them that never said hello: their next publication says everything. A marker of an older version names none.</summary>
    public IReadOnlyList<PublisherId> Silent { get; init; } = [];

    private const int CountDigits = 20;
    private const string BeforeEpoch = "{\"epoch\":\"";
    private const string BeforeCount = "\",\"commits\":\"";

    /// <summary>Where the digits of the count stand, so that they alone can be written over.</summary>
    public int CountOffset => BeforeEpoch.Length + Epoch.Length + BeforeCount.Length;

    /// <summary>The count as it stands in the file: always as long.</summary>
    public static void WriteCount(long commits, Span<byte> digits)
    {
        for (var place = CountDigits - 1; place >= 0; place--)
        {
            digits[place] = (byte)('0' + (commits % 10));
            commits /= 10;
        }
    }

    /// <summary>Bytes that <see cref="WriteCount"/> fills.</summary>
    public static int CountLength => CountDigits;

    /// <summary>The file.</summary>
    public byte[] ToBytes() => Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $"{BeforeEpoch}{Epoch}{BeforeCount}{Commits.ToString("D20", CultureInfo.InvariantCulture)}\",\"publishers\":{JsonSerializer.Serialize(Publishers, ContractJson.Options)},\"knewHub\":{JsonSerializer.Serialize(KnewHub, ContractJson.Options)},\"silent\":{JsonSerializer.Serialize(Silent, ContractJson.Options)}}}\n"));

    /// <summary>Reads the file; null where it is none, or was cut short by a power failure.</summary>
    public static HistoryMarker? Read(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var text = JsonSerializer.Deserialize<Form>(bytes, ContractJson.Options);
            return text is not null && Cursor.IsEpoch(text.Epoch) && long.TryParse(text.Commits, NumberStyles.None, CultureInfo.InvariantCulture, out var commits)
                ? new HistoryMarker(text.Epoch, commits, text.Publishers) { KnewHub = text.KnewHub ?? [], Silent = text.Silent ?? [] }
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed record Form(string Epoch, string Commits, IReadOnlyList<PublisherId> Publishers, IReadOnlyList<PublisherId>? KnewHub = null, IReadOnlyList<PublisherId>? Silent = null);
}

/// <summary>A publisher of a tenant, by its CloudEvents <c>source</c>.</summary>
public sealed record PublisherId(string Tenant, string Source);
