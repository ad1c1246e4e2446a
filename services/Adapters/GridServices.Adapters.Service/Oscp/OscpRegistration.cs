using System.Security.Cryptography;
using System.Text.Json;
using GridServices.Adapters.Oscp;

namespace GridServices.Adapters.Service.Oscp;

/// <summary>The tokens and the address that were exchanged.</summary>
/// <param name="OwnToken">What the flexibility provider bears.</param>
/// <param name="PeerToken">What we bear; null: not registered yet.</param>
/// <param name="PeerAddress">Where version 2.0 is spoken there.</param>
/// <param name="IsOwed">True where the other side does not have ours yet.</param>
internal sealed record OscpRegistration(string OwnToken, string? PeerToken, Uri? PeerAddress, bool IsOwed = false)
{
    /// <summary>Nobody knows us yet.</summary>
    public static OscpRegistration New() => new(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24)), null, null);

    /// <summary>What was kept; a new one where nothing was.</summary>
    /// <exception cref="IOException">The file can't be read.</exception>
    /// <exception cref="InvalidDataException">It is none of ours.</exception>
    public static OscpRegistration Read(string file) => File.Exists(file) ? Parse(file, File.ReadAllBytes(file)) : New();

    /// <summary>On disk before anybody is told that it was taken.</summary>
    public void Write(string file)
    {
        var beside = file + ".new";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var stream = new FileStream(beside, options))
        {
            stream.Write(JsonSerializer.SerializeToUtf8Bytes(this));
            stream.Flush(flushToDisk: true);
        }

        File.Move(beside, file, overwrite: true);
    }

    /// <summary>The other side's registration came.</summary>
    public OscpRegistration With(Registration peer, bool isOwed) => this with { PeerToken = peer.Token, PeerAddress = peer.Version2(), IsOwed = isOwed };

    private static OscpRegistration Parse(string file, byte[] bytes)
    {
        try
        {
            return JsonSerializer.Deserialize<OscpRegistration>(bytes) is { OwnToken.Length: > 0 } kept && kept.PeerToken is null == kept.PeerAddress is null ? kept : throw new JsonException("something is missing in it");
        }
        catch (JsonException unread)
        {
            throw new InvalidDataException($"{file} does not say who is registered ({unread.Message.TrimEnd('.')}). Delete it, at the flexibility provider too, to register anew.", unread);
        }
    }
}
