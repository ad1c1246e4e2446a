using GridServices.OpenAdr.Configuration;

namespace GridServices.OpenAdr.Events;

/// <summary>The program an event belongs to.</summary>
internal static class Programs
{
    /// <summary>The program of this market context, else the one with the default policy; null: none, so the event isn't for us (462).</summary>
    public static ProgramConfig? For(VenConfig config, string marketContext)
    {
        var wanted = Normal(marketContext);
        ProgramConfig? fallback = null;
        foreach (var program in config.Programs)
        {
            if (program.MarketContext is { } own && Normal(own) == wanted)
            {
                return program;
            }

            fallback ??= program.DefaultPolicy ? program : null;
        }

        return fallback;
    }

    // OpenADR 2.0b rule 512: market contexts compare after RFC 3986 normalisation; scheme and host know no case.
    private static string Normal(string marketContext) =>
        Uri.TryCreate(marketContext, UriKind.Absolute, out var uri) ? uri.AbsoluteUri : marketContext;
}
