using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Service.Transport;

namespace GridServices.OpenAdr.Service.Push;

/// <summary>A VTN as its VENs know it: by which files and which name a caller is judged. VENs that say the same share it.</summary>
/// <param name="Paths">Whom to trust.</param>
/// <param name="Name">The VTN's name: its host, or profile.expectedHostName.</param>
internal sealed record PushVtn(TlsProfile Paths, string Name)
{
    public static PushVtn Of(VenConfig config)
    {
        var paths = TlsProfile.Of(config.Profile) with { Lists = config.Profile.VtnCertificate is { } pinned ? [pinned] : [] };
        return new PushVtn(paths, paths.ExpectedHostName ?? new Uri(config.VtnUrl).IdnHost);
    }
}
