using System.Collections.Immutable;
using GridServices.Tariffs.Readers;
using NodaTime;

namespace GridServices.Tariffs.Midas;

/// <summary>What an answer of MIDAS means.</summary>
public abstract record MidasReply
{
    /// <summary>Each kind of value that is left out has one.</summary>
    private const int MostWarnings = 5;

    private MidasReply()
    {
    }

    /// <summary>Values of a signal; export prices beside them.</summary>
    public sealed record Values(ImmutableArray<MidasValue> Known, ImmutableArray<MidasValue> Export) : MidasReply
    {
        /// <summary>What of the answer was left out, and why.</summary>
        public ImmutableArray<string> Warnings { get; init; } = [];
    }

    /// <summary>It did not work; to be tried again.</summary>
    /// <param name="Reason">For people.</param>
    /// <param name="RetryAfter">How long MIDAS asks to wait.</param>
    public sealed record Failed(string Reason, Duration? RetryAfter = null) : MidasReply;

    /// <summary>It cannot work until somebody changes a setting.</summary>
    public sealed record Refused(string Reason) : MidasReply;

    /// <summary>Judges an HTTP answer to GET /ValueData?ID=…</summary>
    public static MidasReply Parse(MidasSignal signal, int status, ReadOnlyMemory<byte> body, Duration? retryAfter) => status switch
    {
        200 => signal.Kind == MidasKind.Prices
            ? Read(signal, MidasReader.Prices(body), p => p.RateId, (p, told) => new Values(p.Import, p.Export) { Warnings = told })
            : Read(signal, MidasReader.Read(body, "g/kWh CO2"), d => d.RateId, (d, told) => new Values(d.Values, []) { Warnings = told }),
        404 or 400 => new Refused($"MIDAS does not know {signal.RateId} (HTTP {status}); GET /ValueData?SignalType=0 lists the RINs there are"),
        429 => new Failed("MIDAS asks for fewer requests (HTTP 429)", retryAfter),
        >= 500 => new Failed($"MIDAS fails (HTTP {status})", retryAfter),
        _ => new Refused($"MIDAS refuses the request (HTTP {status}); check Midas:Url"),
    };

    private static MidasReply Read<T>(MidasSignal signal, ReadResult<T> read, Func<T, string> id, Func<T, ImmutableArray<string>, MidasReply> values)
        where T : class =>
        !read.Ok ? new Failed($"the answer cannot be taken: {read.Refusals[0]}")
        : string.Equals(id(read.Value!), signal.RateId, StringComparison.OrdinalIgnoreCase) ? values(read.Value!, [.. read.Warnings.Take(MostWarnings).Select(w => w.Detail)])
        : new Failed($"the answer is of {Contracts.SafeText.Short(id(read.Value!))}, not of {signal.RateId}");
}
