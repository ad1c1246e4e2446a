using System.Security.Authentication;
using GridServices.Ieee2030Dot5.Service.Transport;

namespace GridServices.Ieee2030Dot5.Service.Tests.Transport;

/// <summary>Faults of a handshake that OpenSSL tells by the same outer words are told apart.</summary>
public sealed class HandshakeFaultTests
{
    [Theory]
    [InlineData("error:0A0000C1:SSL routines::no shared cipher", "cipher suites")]
    [InlineData("error:0A000410:SSL routines::ssl/tls alert handshake failure", "cipher suites")]
    [InlineData("error:0A000418:SSL routines::tlsv1 alert unknown ca", "issuer of our certificate")]
    [InlineData("error:0A000412:SSL routines::ssl/tls alert bad certificate", "refuses our certificate")]
    [InlineData("error:0A00045C:SSL routines::tlsv13 alert certificate required", "asks for a client certificate")]
    [InlineData("error:0A00010B:SSL routines::wrong version number", "speaks no TLS")]
    [InlineData("error:0A000126:SSL routines::unexpected eof while reading", "hung up")]
    public void Each_is_told_by_what_it_is(string openSsl, string words)
    {
        var fault = new AuthenticationException("Authentication failed, see inner exception.", new InvalidOperationException("SSL Handshake failed with OpenSSL error - SSL_ERROR_SSL.", new InvalidOperationException(openSsl)));
        Assert.Contains(words, HandshakeFault.Describe(fault), StringComparison.Ordinal);
        Assert.Contains(openSsl, HandshakeFault.Describe(fault), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_new_is_told_in_its_own_words() => Assert.StartsWith("something else;", HandshakeFault.Describe(new IOException("something else")), StringComparison.Ordinal);

    [Theory]
    [InlineData(0, "Our certificate")]
    [InlineData(1, "Our certificate's issuer")]
    [InlineData(2, "Our certificate's chain, 2 steps up")]
    public void A_certificate_is_named_by_its_place(int depth, string words) => Assert.Equal(words, ChainText.Describe(depth, "Our certificate"));
}
