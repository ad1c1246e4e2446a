namespace GridServices.OpenAdr.Configuration;

/// <summary>The URIs of programs, as they are compared.</summary>
internal static class MarketContexts
{
    /// <summary>After RFC 3986 normalisation: scheme and host know no case.</summary>
    public static string Normal(string marketContext) =>
        Uri.TryCreate(marketContext, UriKind.Absolute, out var uri) ? uri.AbsoluteUri : marketContext;
}
