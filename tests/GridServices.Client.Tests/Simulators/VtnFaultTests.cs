using System.Diagnostics;
using System.Net;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using static GridServices.Client.Tests.Simulators.VtnUnderTest;

namespace GridServices.Client.Tests.Simulators;

/// <summary>Each way to answer badly is really that way, so many times, and then it is over.</summary>
public sealed class VtnFaultTests
{
    private static readonly XElement Poll = Root("oadrPoll", new XElement(Ei + "venID", "VEN-site-1"));

    [Theory]
    [InlineData("status", HttpStatusCode.ServiceUnavailable, 0)]
    [InlineData("redirect", HttpStatusCode.Redirect, 0)]
    [InlineData("empty", HttpStatusCode.OK, 0)]
    public async Task Answers_without_a_message(string mode, HttpStatusCode status, int length)
    {
        await using var vtn = await Registered();
        await vtn.SimAsync("/sim/faults", $$"""{"mode":"{{mode}}","times":2}""");
        for (var i = 0; i < 2; i++)
        {
            using var response = await vtn.PostAsync("OadrPoll", Poll);
            Assert.Equal((status, length), (response.StatusCode, (await response.Content.ReadAsByteArrayAsync()).Length));
        }

        Assert.Equal("oadrResponse", (await vtn.PollAsync()).Name.LocalName);
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("truncated")]
    public async Task Answers_with_no_XML(string mode)
    {
        await using var vtn = await Registered();
        await vtn.SimAsync("/sim/faults", $$"""{"mode":"{{mode}}"}""");
        await Assert.ThrowsAsync<XmlException>(vtn.PollAsync);
    }

    [Fact]
    public async Task Closes_in_the_middle_of_the_body()
    {
        await using var vtn = await Registered();
        await vtn.SimAsync("/sim/faults", """{"mode":"closeMidBody"}""");
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => vtn.SendAsync("OadrPoll", Poll));
    }

    [Fact]
    public async Task Hangs_and_then_closes()
    {
        await using var vtn = await Registered();
        await vtn.SimAsync("/sim/faults", """{"mode":"hang","delayMs":300}""");
        var watch = Stopwatch.StartNew();
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => vtn.SendAsync("OadrPoll", Poll));
        Assert.True(watch.ElapsedMilliseconds >= 250, "it closed at once");
    }

    [Fact]
    public async Task Drips_the_right_answer()
    {
        await using var vtn = await Registered();
        await vtn.SimAsync("/sim/faults", """{"mode":"drip","delayMs":10}""");
        var watch = Stopwatch.StartNew();
        Assert.Equal("oadrResponse", (await vtn.PollAsync()).Name.LocalName);
        Assert.True(watch.ElapsedMilliseconds >= 80, "it answered at once");
    }

    [Fact]
    public async Task Echoes_another_requestID()
    {
        await using var vtn = await Registered();
        await vtn.SimAsync("/sim/faults", """{"mode":"wrongRequestId","message":"oadrRequestEvent"}""");
        Assert.Equal("oadrResponse", (await vtn.PollAsync()).Name.LocalName);
        Assert.All((await vtn.RequestEventAsync()).Descendants().Where(e => e.Name.LocalName is "requestID"), id => Assert.Equal("not-what-you-asked", id.Value));
    }

    [Fact]
    public async Task Only_the_named_service_is_spoilt()
    {
        await using var vtn = await Registered();
        await vtn.SimAsync("/sim/faults", """{"mode":"empty","service":"EiEvent"}""");
        Assert.Equal("oadrResponse", (await vtn.PollAsync()).Name.LocalName);
        using var response = await vtn.PostAsync("EiEvent", Root("oadrRequestEvent"));
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task A_lost_answer_to_a_registration_leaves_the_VEN_registered()
    {
        await using var vtn = await VtnUnderTest.StartAsync();
        await vtn.SimAsync("/sim/faults", """{"mode":"closeMidBody","service":"EiRegisterParty"}""");
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => vtn.RegisterAsync());
        Assert.Single(await vtn.GetAsync("/sim/vens"));
    }

    [Fact]
    public async Task Raw_bytes_answer_the_next_poll_as_they_are()
    {
        await using var vtn = await Registered();
        byte[] raw = [1, 2, 3, .. Encoding.UTF8.GetBytes("<!DOCTYPE x>")];
        await vtn.SimAsync("/sim/raw", raw);
        Assert.Equal(raw, await vtn.SendAsync("OadrPoll", Poll));
    }

    private static async Task<VtnUnderTest> Registered()
    {
        var vtn = await VtnUnderTest.StartAsync();
        await vtn.RegisterAsync();
        return vtn;
    }
}
