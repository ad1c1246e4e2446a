using System.Runtime.CompilerServices;
using GridServices.OpenAdr.Configuration;

namespace GridServices.OpenAdr.Service.Push;

/// <summary>A VTN as its VENs know it: by which files and which name a caller is judged. VENs that say the same share it, whatever their own certificates.</summary>
/// <param name="TrustedRoots">The file of profile.trustedRoots; null: the system's trust.</param>
/// <param name="VtnCertificate">The file of profile.vtnCertificate; null: none.</param>
/// <param name="Name">The VTN's name: its host, or profile.expectedHostName.</param>
internal sealed record PushVtn(string? TrustedRoots, string? VtnCertificate, string Name)
{
    // Asked for at each handshake, of each VEN.
    private static readonly ConditionalWeakTable<VenConfig, PushVtn> Known = [];

    public CertificatePaths Files => new() { TrustedRoots = TrustedRoots, Lists = VtnCertificate is { } pinned ? [pinned] : [] };

    public static PushVtn From(VenConfig config) => Known.GetValue(
        config, c => new PushVtn(c.Profile.TrustedRoots, c.Profile.VtnCertificate, c.Profile.ExpectedHostName ?? new Uri(c.VtnUrl).IdnHost));
}
