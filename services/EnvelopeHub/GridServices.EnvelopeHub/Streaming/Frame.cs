using System.Globalization;
using System.Text;

namespace GridServices.EnvelopeHub.Streaming;

/// <summary>One Server-Sent Event as bytes: built once, shared by all subscribers of the site.</summary>
/// <param name="Sequence">The sequence a reader has reached once it has this frame.</param>
/// <param name="Bytes">Ready for the socket.</param>
public sealed record Frame(long Sequence, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>The shell's timestamp of the commit, for the measure of fan-out; 0 where it was read from the log.</summary>
    public long CommittedAt { get; init; }

    /// <summary>An event that moves the reader's cursor: it carries an id.</summary>
    public static Frame WithId(string name, string epoch, long sequence, ReadOnlySpan<byte> json) =>
        Build(sequence, string.Create(CultureInfo.InvariantCulture, $"id: {epoch}.{sequence}\nevent: {name}\ndata: "), json);

    /// <summary>An event that leaves the reader's cursor where it is: it carries no id.</summary>
    public static Frame WithoutId(string name, long sequence, ReadOnlySpan<byte> json) => Build(sequence, $"event: {name}\ndata: ", json);

    /// <summary>Moves the cursor without an event: by the SSE standard an id without data is remembered and nothing is dispatched.</summary>
    public static Frame CursorOnly(string epoch, long sequence) =>
        new(sequence, Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"id: {epoch}.{sequence}\n\n")));

    private static Frame Build(long sequence, string head, ReadOnlySpan<byte> json)
    {
        // A line break inside data would need a data: line of its own; compact JSON has none.
        if (json.IndexOfAny((byte)'\n', (byte)'\r') >= 0)
        {
            throw new ArgumentException("Write the data as compact JSON: it must be one line.", nameof(json));
        }

        var length = Encoding.UTF8.GetByteCount(head);
        var bytes = new byte[length + json.Length + 2];
        Encoding.UTF8.GetBytes(head, bytes);
        json.CopyTo(bytes.AsSpan(length));
        bytes[^2] = bytes[^1] = (byte)'\n';
        return new Frame(sequence, bytes);
    }
}
