using GridServices.Simulators.DerServer.Incoming;
using NodaTime;

namespace GridServices.Simulators.DerServer.Pki;

/// <summary>
/// A private Smart Energy PKI for tests and the local demo; never for anything else: SERCA → MCA → MICA → server and devices.
/// NAME.crt holds the certificate followed by its intermediates, NAME.key the key: serca, mca, mica, server, device1, device2, aggregator,
/// device-depth2 and device-depth3 (shorter chains), other-serca and device-other (another PKI), device-self (signed by itself).
/// </summary>
public static class TestPki
{
    public static int Run(IReadOnlyList<string> args)
    {
        var folder = args switch { ["--out", var f] => f, [var f] => f, _ => null };
        if (folder is null)
        {
            Console.Error.WriteLine("Say where: pki DIR");
            return 2;
        }

        var devices = Make(folder, SystemClock.Instance.GetCurrentInstant());
        Console.WriteLine($"Test certificates are in {folder}: serca.crt (the root to trust), server.crt/.key and devices:");
        foreach (var (name, lfdi) in devices)
        {
            Console.WriteLine($"  {name,-14} LFDI {lfdi}  SFDI {LFdiRules.SFdi(lfdi):D12}");
        }

        return 0;
    }

    /// <summary>Writes all files and tells the LFDI of each device; certificates hold from a day before <paramref name="now"/>.</summary>
    public static IReadOnlyList<(string Name, string LFdi)> Make(string folder, Instant now)
    {
        Directory.CreateDirectory(folder);
        var from = now.ToDateTimeOffset() - TimeSpan.FromDays(1);
        var serca = IssuedCertificate.Authority("IEEE 2030.5 test root", 2, null, from);
        var mca = IssuedCertificate.Authority("IEEE 2030.5 test MCA", 1, serca, from);
        var mica = IssuedCertificate.Authority("IEEE 2030.5 test MICA", 0, mca, from);
        var shallow = IssuedCertificate.Authority("IEEE 2030.5 test MICA under the root", 0, serca, from);
        var other = IssuedCertificate.Authority("Another test root", 2, null, from);
        Write(folder, ("serca", serca), ("mca", mca), ("mica", mica), ("other-serca", other), ("server", IssuedCertificate.Server(mica, from)));
        var devices = new[]
        {
            ("device1", IssuedCertificate.Device(1, mica, from)), ("device2", IssuedCertificate.Device(2, mica, from)), ("aggregator", IssuedCertificate.Device(3, mica, from)),
            ("device-depth2", IssuedCertificate.Device(4, serca, from)), ("device-depth3", IssuedCertificate.Device(5, shallow, from)),
            ("device-other", IssuedCertificate.Device(6, other, from)), ("device-self", IssuedCertificate.Device(7, null, from)),
        };
        Write(folder, devices);
        return [.. devices.Select(d => (d.Item1, LFdiRules.Compute(d.Item2.Certificate.RawData)))];
    }

    private static void Write(string folder, params (string Name, IssuedCertificate Issued)[] all)
    {
        foreach (var (name, issued) in all)
        {
            File.WriteAllText(Path.Combine(folder, name + ".crt"), issued.ChainPem());
            var keyFile = Path.Combine(folder, name + ".key");
            File.WriteAllText(keyFile, issued.Key.ExportPkcs8PrivateKeyPem() + "\n");
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(keyFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }
        }
    }
}
