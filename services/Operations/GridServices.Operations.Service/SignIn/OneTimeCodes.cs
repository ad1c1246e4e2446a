using NodaTime;
using OtpNet;
using QRCoder;

namespace GridServices.Operations.Service.SignIn;

/// <summary>Six digits every 30 s from a shared secret (RFC 6238); a code counts once, and its neighbours are taken for clocks that differ.</summary>
internal static class OneTimeCodes
{
    private const int SecretBytes = 20;
    private const int PixelsPerModule = 4;
    private const string Issuer = "GridServices";

    internal static string NewSecret() => Base32Encoding.ToString(KeyGeneration.GenerateRandomKey(SecretBytes));

    /// <summary>The time step that the code belongs to, later than <paramref name="lastStep"/>; null: it is wrong, too old, or was used.</summary>
    internal static long? Step(string secret, string code, long lastStep, Instant now)
    {
        var totp = new Totp(Base32Encoding.ToBytes(secret));
        var digits = string.Concat(code.Where(c => !char.IsWhiteSpace(c)));
        return totp.VerifyTotp(now.ToDateTimeUtc(), digits, out var step, new VerificationWindow(previous: 1, future: 1)) && step > lastStep ? step : null;
    }

    /// <summary>What an authenticator reads.</summary>
    internal static string Uri(string secret, string login) =>
        $"otpauth://totp/{System.Uri.EscapeDataString(Issuer)}:{System.Uri.EscapeDataString(login)}?secret={secret}&issuer={System.Uri.EscapeDataString(Issuer)}";

    /// <summary>A text as a QR code: black on white in SVG, without styles inside.</summary>
    internal static string Qr(string text)
    {
        using var generator = new QRCodeGenerator();
        using var data = generator.CreateQrCode(text, QRCodeGenerator.ECCLevel.M);
        return new SvgQRCode(data).GetGraphic(PixelsPerModule, "#000000", "#ffffff", drawQuietZones: true, SvgQRCode.SizingMode.ViewBoxAttribute);
    }
}
