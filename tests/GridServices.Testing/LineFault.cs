namespace GridServices.Testing;

/// <summary>What a line does to the bytes of every connection through it; see <see cref="FaultProxy"/>.</summary>
public sealed record LineFault
{
    /// <summary>It works.</summary>
    public static LineFault None { get; } = new();

    /// <summary>Nothing passes and nobody is told, as behind a firewall that drops: what was sent goes on when it is over.</summary>
    public static LineFault Silent { get; } = new() { IsSilent = true };

    public bool IsSilent { get; init; }

    /// <summary>New connections are refused.</summary>
    public bool Refuses { get; init; }

    /// <summary>Each piece of an answer waits for so long.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>Bytes of an answer in a second; null: as many as there are.</summary>
    public int? BytesPerSecond { get; init; }

    /// <summary>A connection is reset once it has answered so many bytes; null: never.</summary>
    public long? ResetAfter { get; init; }

    /// <summary>Sent in place of an answer; then the connection ends. Null: the answer itself.</summary>
    public ReadOnlyMemory<byte>? Instead { get; init; }

    /// <summary>What is asked reaches the server on a second connection too, whose answer nobody hears.</summary>
    public bool Twice { get; init; }

    /// <summary>An HTTP answer of this status without content.</summary>
    public static LineFault Status(int status) => new()
    {
        Instead = System.Text.Encoding.ASCII.GetBytes(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"HTTP/1.1 {status} Fault\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")),
    };
}
