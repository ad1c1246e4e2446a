using GridServices.OpenAdr.Configuration;

namespace GridServices.OpenAdr.Service.Transport;

/// <summary>The certificate files whose end is told beforehand.</summary>
internal static class VenCertificates
{
    private const string NewOne = "put a new one in its place";

    /// <summary>Those of a VEN's profile. The client certificate signs messages too, where they are signed.</summary>
    public static IEnumerable<WatchedCertificate> For(VenProfile profile)
    {
        var paths = TlsProfile.From(profile);
        return paths.ClientCertificate is null ? ForVtn(profile)
            : ForVtn(profile).Prepend(WatchedCertificate.Own("client certificate", paths, VtnTls.Files, NewOne, "nothing is sent, or nothing taken by the VTN, until a new one is in its place"));
    }

    /// <summary>Those by which a VEN trusts its VTN.</summary>
    public static IEnumerable<WatchedCertificate> ForVtn(VenProfile profile)
    {
        if (profile.VtnCertificate is { } pinned)
        {
            yield return WatchedCertificate.Trusted(
                "VTN certificate of profile.vtnCertificate", pinned, VtnTls.Pinned, "ask the VTN's operator for the next one and add it to the file", "nothing that the VTN signs with it is taken");
        }

        if (profile.TrustedRoots is { } roots)
        {
            yield return WatchedCertificate.Trusted(
                "certificate in profile.trustedRoots", roots, VtnTls.Files, "ask the VTN's operator for the next one and add it to the file", "a VTN whose certificate leads to it is not trusted any more");
        }
    }
}
