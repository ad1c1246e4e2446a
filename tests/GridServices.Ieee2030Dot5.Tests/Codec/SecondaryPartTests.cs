using System.Text;
using GridServices.Ieee2030Dot5.Codec;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Ieee2030Dot5.Tests.Discovery;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests.Codec;

/// <summary>A part that decides no limit costs none where it is illegible: a control loses its response, a default its ramp, and the limit is followed.</summary>
public sealed class SecondaryPartTests
{
    private static readonly Duration Minute = Duration.FromMinutes(1);

    [Theory]
    [InlineData("replyTo=\"/rsp\"", "replyTo=\"/r s p\"", true)]
    [InlineData("<mRID>", "<version>x</version><mRID>", false)]
    [InlineData("<mRID>", "<deviceCategory>zz</deviceCategory><mRID>", false)]
    [InlineData("<DERControlBase>", "<DERControlBase><rampTms>x</rampTms>", false)]
    [InlineData("<DERControlBase>", "<DERControlBase><opModFixedVar><refType>x</refType></opModFixedVar>", false)]
    [InlineData("<DERControlBase>", "<DERControlBase><opModTargetVar/>", false)]
    [InlineData("<DERControlBase>", "<DERControlBase><opModFixedPFInjectW><displacement>1</displacement></opModFixedPFInjectW>", false)]
    [InlineData("<potentiallySuperseded>false", "<potentiallySuperseded>maybe", false)]
    [InlineData("</EventStatus>", "<potentiallySupersededTime>x</potentiallySupersededTime></EventStatus>", false)]
    public void A_control_is_followed(string part, string illegible, bool costsTheResponse)
    {
        var world = new World().WithTree(60);
        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () =>
            [Xml.Control("C1", World.Start - Minute, 3600, 700).Replace(part, illegible, StringComparison.Ordinal)]);
        world.Run(Minute * 2);
        Assert.Equal(700, PagingTests.LimitNow(world));
        Assert.Equal(costsTheResponse ? [] : ["1", "2"], world.Server.Posts("/rsp").Select(p => Xml.Text(p.Body, "status")));
        Assert.Single(world.Notes, n => n.About == "C1" && n.Text.Contains("can't be read", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("  ", 0)]
    [InlineData("0x03", 2)]
    [InlineData("0X3", 2)]
    public void A_control_whose_responseRequired_is_empty_or_prefixed_is_followed(string responseRequired, int responses)
    {
        var world = new World().WithTree(60);
        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () =>
            [Xml.Control("C1", World.Start - Minute, 3600, 700).Replace("responseRequired=\"03\"", $"responseRequired=\"{responseRequired}\"", StringComparison.Ordinal)]);
        world.Run(Minute * 2);
        Assert.Equal(700, PagingTests.LimitNow(world));
        Assert.Equal(responses, world.Server.Posts("/rsp").Count);
    }

    [Theory]
    [InlineData("<mRID>D1</mRID>", "")]
    [InlineData("<mRID>D1</mRID>", "<mRID>not hex</mRID><version>x</version>")]
    [InlineData("</DERControlBase>", "</DERControlBase><setGradW>x</setGradW><setESDelay>-1</setESDelay>")]
    [InlineData("<DERControlBase>", "<DERControlBase><rampTms>x</rampTms>")]
    public void A_default_is_followed(string part, string illegible)
    {
        var world = new World().WithTree(60);
        world.Server.Put("/derp/1/dderc", Xml.Default("D1", 1500).Replace(part, illegible, StringComparison.Ordinal));
        world.Run(Minute);
        Assert.Equal(1500, PagingTests.LimitNow(world));
        Assert.Contains(world.Notes, n => n.Text.Contains("can't be read", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/edev", "<changedTime>1700000000</changedTime>", "<changedTime>x</changedTime><postRate>y</postRate>")]
    [InlineData("/edev", "<changedTime>1700000000</changedTime><enabled>true</enabled>", "<enabled>maybe</enabled>")]
    [InlineData("/edev/1/fsa", "<mRID>F1</mRID>", "<mRID>no hex</mRID><version>x</version>")]
    [InlineData("/edev/1/fsa/1/derp", "<mRID>A1</mRID>", "<version>x</version><mRID>A1 </mRID>")]
    [InlineData("/edev/1/fsa/1/derp", "<mRID>A1</mRID>", "<mRID>no hex</mRID>")]
    [InlineData("/tm", "<quality>7</quality>", "<quality>good</quality><localTime>x</localTime>")]
    [InlineData("/tm", "<dstEndTime>0</dstEndTime>", "<dstEndTime/>")]
    public void The_way_to_the_controls_is_walked(string path, string part, string illegible)
    {
        var world = new World().WithTree(60);
        var right = world.Server.Resources[path];
        world.Server.On(path, a => right(a) with { Body = right(a).Body.Replace(part, illegible, StringComparison.Ordinal) });
        Assert.DoesNotContain(part, world.Server.Resources[path](Ask(path)).Body, StringComparison.Ordinal);
        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () => [Xml.Control("C1", World.Start - Minute, 3600, 700)]);
        world.Run(Minute);
        Assert.Equal(700, PagingTests.LimitNow(world));
        Assert.Equal(["1", "2"], world.Server.Posts("/rsp").Select(p => Xml.Text(p.Body, "status")));
    }

    [Fact]
    public void A_limit_that_is_illegible_still_refuses_its_control()
    {
        var list = Xml.Build("DERControlList", "all=\"1\" results=\"1\"", Xml.Control("C1", World.Start, 60, 700).Replace("<value>700", "<value>x", StringComparison.Ordinal));
        Assert.Single(Assert.IsType<DerControlList>(Sep2Xml.Read(Encoding.UTF8.GetBytes(list)).Resource).Unreadable);
    }

    private static FakeServer.Asked Ask(string path) => new("GET", path, 0, 255, string.Empty, null!, World.Start);
}
