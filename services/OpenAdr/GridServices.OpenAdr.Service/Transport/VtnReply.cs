using System.Security.Cryptography.X509Certificates;
using NodaTime;

namespace GridServices.OpenAdr.Service.Transport;

/// <summary>What came of one POST to the VTN.</summary>
public abstract record VtnReply
{
    private VtnReply()
    {
    }

    /// <summary>HTTP 200 to 299 with an XML body within bounds.</summary>
    /// <param name="Body">The bytes as received.</param>
    /// <param name="Date">The VTN's own clock by its HTTP Date header, whole seconds.</param>
    public sealed record Received(byte[] Body, Instant? Date) : VtnReply
    {
        /// <summary>200 to 299: what the body says counts, not which of them it is.</summary>
        public int HttpStatus { get; init; } = 200;

        /// <summary>What the VTN showed in the last handshake besides its certificate; none over plain HTTP.</summary>
        public X509Certificate2Collection Shown { get; init; } = [];
    }

    /// <summary>HTTP 200 to 299 and nothing else.</summary>
    /// <param name="HttpStatus">The status.</param>
    /// <param name="Date">As in <see cref="Received"/>.</param>
    public sealed record Empty(int HttpStatus, Instant? Date) : VtnReply;

    /// <summary>Anything else: no answer, an HTTP error, an answer that is not XML or too long.</summary>
    /// <param name="Failure">The kind, which decides whether and when the message is sent again.</param>
    /// <param name="HttpStatus">Null where no status line arrived.</param>
    /// <param name="Detail">One safe line for people.</param>
    /// <param name="Date">As in <see cref="Received"/>.</param>
    /// <param name="Body">What came with it, up to 16 KiB, for the journal: it often says what the VTN minds. Null: nothing.</param>
    /// <param name="RetryAfter">How long the VTN asks to be left alone.</param>
    public sealed record Failed(
        ExchangeFailure Failure, int? HttpStatus, string Detail, Instant? Date = null, byte[]? Body = null, Duration? RetryAfter = null) : VtnReply;
}
