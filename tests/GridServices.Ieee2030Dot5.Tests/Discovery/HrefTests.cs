using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Discovery;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests.Discovery;

/// <summary>Links stay at the server they came from.</summary>
public sealed class HrefTests
{
    private const string Server = "https://utility.example:8443/dcap";

    [Theory]
    [InlineData("/edev", "/edev?s=255&l=255")]
    [InlineData("/edev?s=0&l=1", "/edev?s=255&l=255")]
    [InlineData("/edev?site=7&l=1&a=5&sl=3", "/edev?site=7&sl=3&s=255&l=255")]
    [InlineData("/edev?", "/edev?s=255&l=255")]
    public void The_paging_of_a_list_is_ours_whatever_its_link_says(string link, string asked) => Assert.Equal(asked, Hrefs.Page(link, 255, 255));

    [Theory]
    [InlineData("/edev", "/edev")]
    [InlineData("/api/v2/edev/_EQLDEV3?x=1", "/api/v2/edev/_EQLDEV3?x=1")]
    [InlineData("https://utility.example:8443/edev", "/edev")]
    [InlineData("HTTPS://UTILITY.example:8443/edev/1", "/edev/1")]
    [InlineData("//utility.example:8443/edev", "/edev")]
    [InlineData("fsa", "/edev/1/fsa")]
    [InlineData("/a%20b/c", "/a%20b/c")]
    public void A_link_to_the_server_is_a_path_there(string href, string path)
    {
        Assert.True(Hrefs.TryPin(Server, "/edev/1/?s=0&l=2/x", href, out var pinned, out var why), why);
        Assert.Equal(path, pinned);
    }

    [Theory]
    [InlineData("https://evil.example/edev")]
    [InlineData("http://utility.example:8443/edev")]
    [InlineData("https://utility.example/edev")]
    [InlineData("https://utility.example:8443@evil.example/edev")]
    [InlineData("https://user@utility.example:8443/edev")]
    [InlineData("//evil.example/edev")]
    [InlineData("\\\\evil.example\\edev")]
    [InlineData("/\\evil.example/edev")]
    [InlineData("file:///etc/passwd")]
    [InlineData("javascript:alert(1)")]
    [InlineData("gopher://utility.example:8443/")]
    [InlineData("https://[::1]:8443/edev")]
    [InlineData("https://utilit\u0443.example:8443/edev")]
    [InlineData("/edev/../../admin")]
    [InlineData("/edev/%2e%2e/admin")]
    [InlineData("/edev/.%2E/admin")]
    [InlineData("/edev\r\nHost: evil.example")]
    [InlineData("/edev%0d%0aHost:%20evil")]
    [InlineData("/edev?x=%0d%0aX:y")]
    [InlineData("/a b")]
    [InlineData("/edev#x")]
    [InlineData("")]
    [InlineData("../edev")]
    public void Any_other_link_is_refused(string href)
    {
        Assert.False(Hrefs.TryPin(Server, "/edev/1", href, out _, out var why));
        Assert.NotEmpty(why);
        Assert.DoesNotContain('\n', why);
    }

    [Theory]
    [InlineData("https://evil.example/fsa")]
    [InlineData("//169.254.169.254/latest/meta-data")]
    [InlineData("/edev/../../internal")]
    public void A_foreign_link_is_told_and_never_asked(string href)
    {
        // hostile S5-040 to S5-042
        var world = new World().WithTree(60);
        world.Server.List("/edev", "EndDeviceList", "pollRate=\"60\"", () =>
            [Xml.EndDevice("/edev/1", FakeServer.Lfdi, FakeServer.Sfdi, Xml.Links("/edev/1").Replace("/edev/1/fsa", href, StringComparison.Ordinal))]);
        world.Run(Duration.FromMinutes(30));

        Assert.All(world.Server.Requests, r => Assert.StartsWith("/", r.Request.Href, StringComparison.Ordinal));
        Assert.DoesNotContain(world.Server.Requests, r => r.Request.Href.Contains("evil", StringComparison.Ordinal) || r.Request.Href.Contains("internal", StringComparison.Ordinal) || r.Request.Href.Contains("169", StringComparison.Ordinal));
        Assert.Single(world.Notes, n => n is { Kind: NoteKind.HrefRefused, Class: ErrorClass.SsrfBlocked });
        Assert.Contains("/edev/1/der", world.Server.Gets);
    }

    [Fact]
    public void A_response_is_not_posted_to_strangers()
    {
        var world = new World().WithTree(60);
        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () => [Xml.Control("C1", World.Start + Duration.FromMinutes(1), 60, 700, replyTo: "https://evil.example/rsp")]);
        world.Run(Duration.FromMinutes(5));

        Assert.DoesNotContain(world.Server.Requests, r => r.Path.Contains("rsp", StringComparison.Ordinal));
        Assert.Contains(world.Notes, n => n is { Kind: NoteKind.HrefRefused, About: "C1" });
        Assert.Contains(world.Publications.OfType<EnginePublication.PublishEnvelope>(), p => p.Envelope.Segments.Any(s => s.Limits.ExportLimitW == 700));
    }
}
