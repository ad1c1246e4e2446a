using GridServices.Contracts;

namespace GridServices.Ieee2030Dot5.Service.Transport;

/// <summary>What a failed handshake means: OpenSSL says the same of many faults, and what tells them apart stands deep inside.</summary>
internal static class HandshakeFault
{
    private static readonly (string Sign, string Words)[] Known =
    [
        ("no shared cipher", "the server offers none of the cipher suites of this client; set transport.cipherSuites to what the utility asks for"),
        ("no ciphers available", "this machine's OpenSSL allows none of the cipher suites; see /health/ready"),
        ("unknown ca", "the server does not know the issuer of our certificate; check that transport.clientCertificate holds the intermediates and that the utility trusts this PKI"),
        ("bad certificate", "the server refuses our certificate; check that transport.clientCertificate is the one the utility registered"),
        ("certificate unknown", "the server refuses our certificate; check that its LFDI is registered with the utility"),
        ("certificate required", "the server asks for a client certificate; give one in transport.clientCertificate"),
        ("certificate expired", "the server holds our certificate for expired; check its end, and the clocks"),
        ("certificate revoked", "the server holds our certificate for revoked; ask the utility"),
        ("unsupported certificate", "the server can't use our certificate; ask the PKI for one by the profile of IEEE 2030.5"),
        ("protocol version", "the server does not speak TLS 1.2; tell the utility"),
        ("wrong version number", "what answers there speaks no TLS; check the port of serverUrl"),
        ("handshake failure", "the server broke it off: it offers none of the cipher suites of this client (transport.cipherSuites), or misses a client certificate"),
        ("unexpected eof", "the server hung up amid it; it may refuse our certificate: check that its LFDI is registered and that transport.clientCertificate holds the intermediates"),
        ("EOF", "the server hung up amid it; it may refuse our certificate: check that its LFDI is registered and that transport.clientCertificate holds the intermediates"),
    ];

    /// <summary>One line: what is wrong and what to do; OpenSSL's own words where they are new.</summary>
    public static string Describe(Exception fault)
    {
        var all = new List<string>();
        for (var e = fault; e is not null; e = e.InnerException)
        {
            all.Add(e.Message);
        }

        var told = string.Join(' ', all).Replace('_', ' ');
        var words = Known.FirstOrDefault(k => told.Contains(k.Sign, StringComparison.OrdinalIgnoreCase)).Words;
        return words is null
            ? $"{SafeText.Line(all[^1])}; check that the server offers the cipher suites of this client, and that it knows the issuer of transport.clientCertificate (…/doctor tells more)"
            : $"{words} ({SafeText.Line(all[^1])})";
    }
}
