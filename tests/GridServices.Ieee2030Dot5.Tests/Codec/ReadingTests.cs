using System.Text;
using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Codec;
using GridServices.Ieee2030Dot5.Messages;

namespace GridServices.Ieee2030Dot5.Tests.Codec;

/// <summary>Tolerant in form, strict in meaning.</summary>
public sealed class ReadingTests
{
    private const string Base = "urn:ieee:std:2030.5:ns";

    [Theory]
    [InlineData("3", (byte)3)]
    [InlineData("03", (byte)3)]
    [InlineData("0000003", (byte)3)]
    [InlineData("0", (byte)0)]
    public void Bits_of_one_digit_lose_no_control(string sent, byte bits)
    {
        var xml = Xml.Build("DERControlList", "all=\"1\" results=\"1\"", Xml.Control("ABCD", World.Start, 60, 700).Replace("responseRequired=\"03\"", $"responseRequired=\"{sent}\"", StringComparison.Ordinal));
        var list = Assert.IsType<DerControlList>(Sep2Xml.Read(Encoding.UTF8.GetBytes(xml)).Resource);
        Assert.Equal(bits, Assert.Single(list.Readable).ResponseRequired);
    }

    [Fact]
    public void Order_and_prefixes_do_not_matter()
    {
        var control = Item("""
            <x:DERControlBase xmlns:q="https://csipaus.org/ns"><q:opModImpLimW><x:value>15</x:value><x:multiplier>2</x:multiplier></q:opModImpLimW><x:opModConnect>0</x:opModConnect></x:DERControlBase>
            <x:interval><x:start>1000</x:start><x:duration>60</x:duration></x:interval>
            <x:EventStatus><x:potentiallySuperseded>0</x:potentiallySuperseded><x:dateTime>5</x:dateTime><x:currentStatus>1</x:currentStatus></x:EventStatus>
            <x:creationTime>900</x:creationTime><x:mRID>aB</x:mRID>
            """).Value!;
        Assert.Equal(1500m, control.Base.OpModImpLimW?.Watts);
        Assert.False(control.Base.OpModConnect);
        Assert.Equal(new DateTimeInterval(1000, 60), control.Interval);
        Assert.Equal("aB", control.MRid);
        Assert.Equal(EventState.Active, control.EventStatus.CurrentStatus);
    }

    [Fact]
    public void The_latest_csip_aus_version_counts_where_several_speak()
    {
        var control = Item(Event("""
            <a:opModExpLimW xmlns:a="https://csipaus.org/ns/v1.3"><x:multiplier>0</x:multiplier><x:value>2</x:value></a:opModExpLimW>
            <b:opModExpLimW xmlns:b="https://csipaus.org/ns"><x:multiplier>0</x:multiplier><x:value>1</x:value></b:opModExpLimW>
            """)).Value!;
        Assert.Equal(2m, control.Base.OpModExpLimW?.Watts);
    }

    [Fact]
    public void A_mode_nobody_knows_is_named_and_a_foreign_element_passed_over()
    {
        var control = Item(Event("""
            <x:opModTomorrow>1</x:opModTomorrow><a:opModNextW xmlns:a="https://csipaus.org/ns/v9"/><v:opModVendor xmlns:v="urn:vendor"/>
            """)).Value!;
        Assert.Equal(["opModTomorrow", "opModNextW"], control.Base.UnknownModes);
    }

    [Theory]
    [InlineData("<a:opModExpLimW xmlns:a='https://csipaus.org/ns'/>", ErrorClass.SchemaInvalid)]
    [InlineData("<a:opModExpLimW xmlns:a='https://csipaus.org/ns'><x:multiplier>0</x:multiplier><x:value></x:value></a:opModExpLimW>", ErrorClass.SemanticNumber)]
    [InlineData("<a:opModExpLimW xmlns:a='https://csipaus.org/ns'><x:multiplier>0</x:multiplier><x:value>+5</x:value></a:opModExpLimW>", ErrorClass.SemanticNumber)]
    [InlineData("<a:opModExpLimW xmlns:a='https://csipaus.org/ns'><x:multiplier>13</x:multiplier><x:value>5</x:value></a:opModExpLimW>", ErrorClass.SemanticNumber)]
    [InlineData("<x:opModConnect/>", ErrorClass.SchemaInvalid)]
    [InlineData("<x:opModConnect>maybe</x:opModConnect>", ErrorClass.SchemaInvalid)]
    [InlineData("<x:opModFixedW>32768</x:opModFixedW>", ErrorClass.SemanticNumber)]
    [InlineData("<x:opModConnect>1</x:opModConnect><x:opModConnect>1</x:opModConnect>", ErrorClass.SchemaInvalid)]
    public void A_mode_that_is_there_must_be_legible(string modes, ErrorClass expected)
    {
        var unreadable = Item(Event(modes)).Unreadable!;
        Assert.Equal(expected, unreadable.Refusal.Class);
        Assert.Equal("AB", unreadable.MRid);
        Assert.Equal("/rsp", unreadable.ReplyTo);
        Assert.Equal((byte)3, unreadable.ResponseRequired);
    }

    [Fact]
    public void An_illegible_item_leaves_the_rest_of_the_list()
    {
        var list = Assert.IsType<DerControlList>(Read($"""
            <DERControlList xmlns="{Base}" xmlns:x="{Base}" all="3" results="3">
            <DERControl><mRID>01</mRID></DERControl>
            <DERControl>{Event("<x:opModConnect>true</x:opModConnect>")}</DERControl>
            <DERControl href="/a&#10;b"><mRID>zz</mRID></DERControl>
            </DERControlList>
            """).Resource);
        Assert.Single(list.Readable);
        Assert.Equal(["01", null], list.Unreadable.Select(u => u.MRid));
        Assert.Null(list.Contradiction);
    }

    [Fact]
    public void Epri_s_namespace_and_its_name_of_the_category_are_taken()
    {
        var device = Assert.IsType<EndDevice>(Read("""
            <EndDevice xmlns="http://ieee.org/2030.5"><loadShedDeviceCategory>0200</loadShedDeviceCategory><sFDI>19</sFDI><changedTime>1</changedTime></EndDevice>
            """).Resource);
        Assert.Equal(0x200u, device.DeviceCategory);
    }

    [Fact]
    public void What_is_no_event_may_have_an_mRID_of_odd_length()
    {
        var program = Assert.IsType<DerProgram>(Read($"<DERProgram xmlns='{Base}'><mRID>B01000000</mRID><primacy>3</primacy></DERProgram>").Resource);
        Assert.Equal("B01000000", program.MRid);
        Assert.Equal(ErrorClass.SemanticHex, Read($"<DERProgram xmlns='{Base}'><mRID>B-1</mRID><primacy>3</primacy></DERProgram>").Refusal?.Class);
    }

    [Fact]
    public void A_category_that_is_no_hex_costs_nobody_a_device()
    {
        var device = Assert.IsType<EndDevice>(Read(
            $"<EndDevice xmlns='{Base}'><deviceCategory>solar</deviceCategory><lFDI>AB</lFDI><sFDI>19</sFDI><changedTime>1</changedTime></EndDevice>").Resource);
        Assert.Null(device.DeviceCategory);
        Assert.Equal("AB", device.LFdi);
    }

    [Theory]
    [InlineData("0", 0L)]
    [InlineData("-5", 0L)]
    [InlineData("99999999999999999999", 4294967295L)]
    [InlineData("soon", null)]
    public void A_poll_rate_is_as_sent_or_not_said(string text, long? expected)
    {
        var capability = Assert.IsType<DeviceCapability>(Read($"<DeviceCapability xmlns='{Base}' pollRate='{text}'/>").Resource);
        Assert.Equal(expected, capability.PollRate);
    }

    [Fact]
    public void A_link_without_href_leads_nowhere()
    {
        var capability = Assert.IsType<DeviceCapability>(Read($"<DeviceCapability xmlns='{Base}'><TimeLink/><EndDeviceListLink href='/edev' all='-1'/></DeviceCapability>").Resource);
        Assert.Null(capability.TimeLink);
        Assert.Equal(new ListLink("/edev"), capability.EndDeviceListLink);
    }

    [Fact]
    public void A_resource_without_use_here_is_passed_over_not_refused()
    {
        var other = Assert.IsType<OtherResource>(Read($"<DeviceInformation xmlns='{Base}' href='/di'><mfID>1</mfID></DeviceInformation>").Resource);
        Assert.Equal(("DeviceInformation", "/di"), (other.Name, other.Href));
    }

    [Fact]
    public void The_wrong_kind_is_told_by_name()
    {
        var (value, refusal) = Read($"<Error xmlns='{Base}'><reasonCode>1</reasonCode></Error>").As<DerProgramList>();
        Assert.Null(value);
        Assert.Equal(ErrorClass.TypeMismatch, refusal?.Class);
        Assert.Contains("Error", refusal!.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void The_wrong_kind_is_told_even_where_it_holds_illegible_items()
    {
        var outcome = Read($"""
            <Notification xmlns="{Base}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><subscribedResource>/derc</subscribedResource>
            <Resource xsi:type="DERControlList" all="1" results="1"><DERControl/></Resource><status>0</status><subscriptionURI>/sub/1</subscriptionURI></Notification>
            """);
        Assert.Equal(ErrorClass.TypeMismatch, outcome.As<DerControlList>().Refusal?.Class);
    }

    [Theory]
    [InlineData("application/sep+xml", true)]
    [InlineData("application/sep+xml; csipaus=1.3", true)]
    [InlineData("Application/SEP+XML;level=-S1", true)]
    [InlineData("text/xml; charset=utf-8", true)]
    [InlineData(null, true)]
    [InlineData("text/html", false)]
    [InlineData("application/sep-exi", false)]
    public void Media_types_are_told_apart(string? type, bool taken) => Assert.Equal(taken, Sep2Media.Check(type) is null);

    private static Readable<DerControl> Item(string content) =>
        Assert.IsType<DerControlList>(Read(
            $"<x:DERControlList xmlns:x='{Base}'><x:DERControl replyTo='/rsp' responseRequired='03'>{content}</x:DERControl></x:DERControlList>").Resource).Items.Single();

    private static string Event(string modes) => $"""
        <x:mRID>AB</x:mRID><x:creationTime>1</x:creationTime><x:EventStatus><x:currentStatus>0</x:currentStatus></x:EventStatus>
        <x:interval><x:duration>60</x:duration><x:start>100</x:start></x:interval><x:DERControlBase>{modes}</x:DERControlBase>
        """;

    private static Sep2ReadOutcome Read(string xml) => Sep2Xml.Read(Encoding.UTF8.GetBytes(xml));
}
