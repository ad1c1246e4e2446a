using GridServices.Contracts;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Tariffs.Prices;

/// <summary>What a request for a day's prices came to.</summary>
public abstract record DayAheadReply
{
    private DayAheadReply()
    {
    }

    /// <summary>Prices, of the whole day or of part of it.</summary>
    public sealed record Prices(DayAheadDocument Document) : DayAheadReply;

    /// <summary>The platform answers, but has nothing for that day (yet): an acknowledgement with its reason.</summary>
    public sealed record NoData(string Reason) : DayAheadReply;

    /// <summary>It did not work; to be tried again.</summary>
    /// <param name="Reason">For people.</param>
    /// <param name="RetryAfter">How long the platform asks to wait.</param>
    public sealed record Failed(string Reason, Duration? RetryAfter = null) : DayAheadReply;

    /// <summary>It cannot work until somebody changes something (the token, the zone's code).</summary>
    public sealed record Refused(string Reason) : DayAheadReply;

    private static readonly XmlLimits Limits = new() { MaxBytes = 16 << 20, MaxElements = 400_000, MaxRepeats = 20_000 };

    /// <summary>Judges an HTTP answer of the platform.</summary>
    public static DayAheadReply Parse(int status, ReadOnlyMemory<byte> body, Duration? retryAfter) => status switch
    {
        401 or 403 => new Refused($"the platform refuses the token (HTTP {status}); set DayAhead:Token to a valid one"),
        429 => new Failed("the platform asks for fewer requests (HTTP 429)", retryAfter),
        200 => Read(body, NoDataOr),
        >= 500 => new Failed($"the platform fails (HTTP {status})", retryAfter),
        // "No matching data" came as 400 from older releases of the platform, with the same acknowledgement.
        _ => Acknowledged(body) is { IsNoData: true } none ? new NoData(none.Text)
            : new Refused($"the platform refuses the request (HTTP {status}): {Acknowledged(body)?.Text ?? "without saying why"}; check the zone's EIC code"),
    };

    private static DayAheadReply Read(ReadOnlyMemory<byte> body, Func<Acknowledgement?, ReadError, DayAheadReply> otherwise)
    {
        var read = DayAheadPrices.Read(body);
        return read.Ok ? new Prices(read.Value!) : otherwise(Acknowledged(body), read.Refusals[0]);
    }

    private static DayAheadReply NoDataOr(Acknowledgement? acknowledged, ReadError refusal) =>
        acknowledged is not null ? acknowledged.IsNoData ? new NoData(acknowledged.Text) : new Refused($"the platform answers with an acknowledgement: {acknowledged.Text}")
        : refusal.Class == ErrorClass.SemanticEmpty ? new NoData(refusal.Detail)
        : new Failed($"the answer is no price document: {refusal}");

    private static Acknowledgement? Acknowledged(ReadOnlyMemory<byte> body)
    {
        try
        {
            var document = HardenedXml.Load(body, Limits);
            if (document.Name != "Acknowledgement_MarketDocument")
            {
                return null;
            }

            var reason = document.Children.FirstOrDefault(c => c.Name == "Reason");
            string Text(string name) => reason?.Children.FirstOrDefault(c => c.Name == name)?.Text.Trim() ?? string.Empty;
            return new Acknowledgement(Text("code"), SafeText.Quote(Text("text"), 200));
        }
        catch (WireFormatException)
        {
            return null;
        }
    }

    private sealed record Acknowledgement(string Code, string Text)
    {
        /// <summary>Reason code 999 with "No matching data found"; the code alone also stands for faulty requests.</summary>
        public bool IsNoData => Code == "999" && Text.Contains("no matching data", StringComparison.OrdinalIgnoreCase);
    }
}
