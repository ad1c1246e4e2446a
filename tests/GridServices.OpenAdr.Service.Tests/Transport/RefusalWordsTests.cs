using System.Text;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Service.Doctor;
using GridServices.OpenAdr.Service.Transport;
using GridServices.OpenAdr.Session;

namespace GridServices.OpenAdr.Service.Tests.Transport;

/// <summary>What a VTN says beside its HTTP status.</summary>
public sealed class RefusalWordsTests
{
    [Theory]
    [InlineData("message is not signed", "HTTP 403: 'message is not signed'")]
    [InlineData("<html><head><style>b { x: y }</style><title>403 Forbidden</title></head>\r\n<body><script>if (a < b) {}</script><h1>Unknown\tVEN &amp; key</h1><!-- x --></body></html>", "HTTP 403: '403 Forbidden Unknown VEN & key'")]
    [InlineData("{\"error\": \"no\"}", "HTTP 403: '{\"error\": \"no\"}'")]
    [InlineData("evil\u0007\u202e", "HTTP 403: 'evil\ufffd\ufffd'")]
    [InlineData("  \r\n ", "HTTP 403")]
    [InlineData("<br/>", "HTTP 403")]
    [InlineData("PK\u0000\u0001", "HTTP 403")]
    public void Are_quoted_as_one_safe_line(string body, string expected) => Assert.Equal(expected, RefusalPatterns.Append("HTTP 403", Encoding.UTF8.GetBytes(body)));

    [Fact]
    public void Are_no_longer_than_200_characters_and_never_take_long()
    {
        Assert.Equal("x: '" + new string('a', 200) + "…'", RefusalPatterns.Append("x", Encoding.UTF8.GetBytes(new string('a', 16_000))));
        Assert.NotNull(RefusalPatterns.Append("x", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("<script <!-- <", 1_100)))));
        Assert.Equal("x", RefusalPatterns.Append("x", null));
    }

    [Theory]
    [InlineData("HTTP 403", true)]
    [InlineData("code 469 (message has no Signature)", true)]
    [InlineData("HTTP 400: 'message is not signed'", true)]
    [InlineData("code 459 (unsigned message)", true)]
    [InlineData("HTTP 200: 'You are not signed in'", false)]
    [InlineData("TLS: a self-signed certificate", false)]
    [InlineData("no role is assigned", false)]
    [InlineData("HTTP 500", false)]
    public void A_refusal_that_may_mean_signatures_leads_to_the_setting(string problem, bool named)
    {
        var parked = VenState.Initial with { Owed = [new PendingRequest.RequestEvents { Problem = problem }] };
        Assert.Equal(named, SignatureHint.Find(Ven(SignatureMode.Off), VenState.Initial, problem)?.Contains("profile.signatures", StringComparison.Ordinal) == true);
        Assert.Equal(named, SignatureHint.Find(Ven(SignatureMode.Off), parked, null) is not null);
        Assert.Null(SignatureHint.Find(Ven(SignatureMode.Sign), parked, problem));
    }

    private static VenConfig Ven(SignatureMode mode) => new() { VtnUrl = "http://vtn.example", VenName = "v", Profile = new VenProfile { Signatures = mode } };
}
