using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using GridServices.OpenAdr.Codec;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Signatures;
using GridServices.Simulators.Vtn;
using NodaTime;

namespace GridServices.Benchmarks.OpenAdrSignatures;

/// <summary>CPU per signed and per verified message, from bytes to message, in turns with a straightforward use of SignedXml.</summary>
internal static class SignatureCost
{
    private const int Rounds = 5;
    private const int PerRound = 200;

    public static Task<int> RunAsync(string[] args)
    {
        var payload = OadrXml.Read(File.ReadAllBytes(args.Length > 0 ? args[0] : Sample())).Message ?? throw new InvalidOperationException("The sample is not legible.");
        foreach (var rsa in new[] { true, false })
        {
            Measure(payload, rsa);
        }

        return Task.FromResult(0);
    }

    private static void Measure(OadrMessage payload, bool rsa)
    {
        var folder = Directory.CreateTempSubdirectory("gridservices-signatures-");
        var pem = Path.Combine(folder.FullName, "own.pem");
        using var own = Certificate(rsa, pem);
        var straight = new Signing(pem, pem);
        var now = SystemClock.Instance.GetCurrentInstant();
        var verifier = new SignatureVerifier(Duration.FromHours(1), false, new SignerTrust([own], null, "x", _ => null).Validate);
        var (unsigned, signed, nonce) = (OadrXml.Write(payload), MessageSigner.Sign(payload, own, now, new byte[16]), new byte[16]);
        var name = rsa ? "RSA-2048" : "ECDSA P-256";
        Console.WriteLine($"{name}, message of {unsigned.Length:N0} bytes, µs of CPU each (ours, SignedXml, ratio):");
        Compare("sign", () => MessageSigner.Sign(payload, own, now, nonce), () => straight.Sign(OadrXml.Write(payload), now.ToDateTimeOffset()));
        Compare("verify and read", () => Check(OadrXml.Read(signed, null, new SignatureCheck(verifier, true, now))), () => Check(Signing.FindProblem(signed), signed));
        folder.Delete(recursive: true);
    }

    private static void Check(ReadOutcome read) => _ = read.Message ?? throw new InvalidOperationException(read.Refusal?.ToString());

    private static void Check(string? complaint, byte[] signed)
    {
        _ = complaint is null ? 0 : throw new InvalidOperationException(complaint);
        Check(OadrXml.Read(signed));
    }

    private static void Compare(string what, Action ours, Action theirs)
    {
        var (own, other) = (double.MaxValue, double.MaxValue);
        for (var round = 0; round < Rounds; round++)
        {
            own = Math.Min(own, Cpu(ours));
            other = Math.Min(other, Cpu(theirs));
        }

        Console.WriteLine($"  {what,-16} {own,8:N0} {other,8:N0} {other / own,6:N1} x");
    }

    private static double Cpu(Action action)
    {
        action();
        var before = Environment.CpuUsage.TotalTime;
        for (var i = 0; i < PerRound; i++)
        {
            action();
        }

        return (Environment.CpuUsage.TotalTime - before).TotalMicroseconds / PerRound;
    }

    private static X509Certificate2 Certificate(bool rsa, string pem)
    {
        using var rsaKey = rsa ? RSA.Create(2048) : null;
        using var ecKey = rsa ? null : ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = rsaKey is not null
            ? new CertificateRequest("CN=bench", rsaKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new CertificateRequest("CN=bench", ecKey!, HashAlgorithmName.SHA256);
        var start = TimeProvider.System.GetUtcNow().AddDays(-1);
        var certificate = request.CreateSelfSigned(start, start.AddYears(1));
        File.WriteAllText(pem, certificate.ExportCertificatePem() + "\n" + (rsaKey?.ExportPkcs8PrivateKeyPem() ?? ecKey!.ExportPkcs8PrivateKeyPem()));
        return certificate;
    }

    private static string Sample()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "GridServices.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("Run it from the checkout.");
        }

        return Path.Combine(folder.FullName, "tests/Data/openadr/samples/epri_ven_library/payload__distribute_event_1event2signals.xml");
    }
}
