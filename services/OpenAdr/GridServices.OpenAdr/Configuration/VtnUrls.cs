namespace GridServices.OpenAdr.Configuration;

/// <summary>The base URL of a VTN.</summary>
public static class VtnUrls
{
    /// <summary>What to do where <paramref name="vtnUrl"/> does not end as the standard has it; null: it does.</summary>
    public static string? Hint(string vtnUrl)
    {
        ArgumentNullException.ThrowIfNull(vtnUrl);
        return vtnUrl.TrimEnd('/').EndsWith(PushAddress.ServicesPath, StringComparison.Ordinal) ? null : $"vtnUrl ends in {PushAddress.ServicesPath} at VTNs of the standard (rule 511)";
    }
}
