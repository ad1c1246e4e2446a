namespace GridServices.Ieee2030Dot5.Service.Transport;

/// <summary>A place in a certificate chain in words.</summary>
internal static class ChainText
{
    /// <param name="depth">0 = the device's own.</param>
    /// <param name="own">What the device's own certificate is called.</param>
    public static string Describe(int depth, string own) => depth switch
    {
        0 => own,
        1 => $"{own}'s issuer",
        _ => $"{own}'s chain, {depth} steps up",
    };
}
