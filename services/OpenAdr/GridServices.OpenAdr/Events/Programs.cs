using GridServices.OpenAdr.Configuration;

namespace GridServices.OpenAdr.Events;

/// <summary>The program an event belongs to.</summary>
internal static class Programs
{
    /// <summary>The program of this market context, else the one with the default policy; null: none, so the event isn't for us (462).</summary>
    public static ProgramConfig? For(VenConfig config, string marketContext)
    {
        // OpenADR 2.0b rule 512: market contexts compare after normalisation.
        var wanted = MarketContexts.Normal(marketContext);
        ProgramConfig? fallback = null;
        foreach (var program in config.Programs)
        {
            if (program.MarketContext is { } own && MarketContexts.Normal(own) == wanted)
            {
                return program;
            }

            fallback ??= program.DefaultPolicy ? program : null;
        }

        return fallback;
    }
}
