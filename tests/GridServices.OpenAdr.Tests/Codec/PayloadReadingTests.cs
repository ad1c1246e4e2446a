using System.Text;
using GridServices.Contracts;
using GridServices.OpenAdr.Codec;
using GridServices.OpenAdr.Messages;
using NodaTime;

namespace GridServices.OpenAdr.Tests.Codec;

public sealed class PayloadReadingTests
{
    private const string Poll = "<oadr:oadrPoll><ei:venID>ven-1</ei:venID></oadr:oadrPoll>";

    private const string Created =
        """
        <oadr:oadrCreatedPartyRegistration><ei:eiResponse><ei:responseCode>200</ei:responseCode><pyld:requestID>r1</pyld:requestID></ei:eiResponse>
        <ei:registrationID>reg-1</ei:registrationID><ei:venID>ven-1</ei:venID><ei:vtnID>vtn</ei:vtnID>
        <oadr:oadrProfiles><oadr:oadrProfile><oadr:oadrProfileName>2.0b</oadr:oadrProfileName><oadr:oadrTransports><oadr:oadrTransport>
        <oadr:oadrTransportName>simpleHttp</oadr:oadrTransportName></oadr:oadrTransport></oadr:oadrTransports></oadr:oadrProfile></oadr:oadrProfiles>
        <oadr:oadrRequestedOadrPollFreq><xcal:duration>PT10S</xcal:duration></oadr:oadrRequestedOadrPollFreq></oadr:oadrCreatedPartyRegistration>
        """;

    [Fact]
    public void A_payload_is_read_wrapped_and_bare_and_with_any_prefix()
    {
        var expected = new OadrPoll("ven-1");
        Assert.Equal(expected, Payload.Read(Payload.Wrap(Poll)).Message);
        Assert.Equal(expected, Payload.Read(
            "<oadrPoll xmlns=\"http://openadr.org/oadr-2.0b/2012/07\"><a:venID xmlns:a=\"http://docs.oasis-open.org/ns/energyinterop/201110\">ven-1</a:venID></oadrPoll>").Message);
    }

    [Theory]
    [InlineData("utf-8", true)]
    [InlineData("utf-8", false)]
    [InlineData("utf-16", true)]
    [InlineData("utf-16BE", true)]
    public void Utf8_and_utf16_are_read(string name, bool mark)
    {
        var encoding = Encoding.GetEncoding(name);
        byte[] bytes = [.. mark ? encoding.GetPreamble() : [], .. encoding.GetBytes(Payload.Wrap(Poll.Replace("ven-1", "vén-1", StringComparison.Ordinal)))];
        Assert.Equal(new OadrPoll("vén-1"), OadrXml.Read(bytes).Message);
    }

    [Fact]
    public void A_registration_is_read()
    {
        var message = Assert.IsType<OadrCreatedPartyRegistration>(Payload.Read(Payload.Wrap(Created)).Message);
        Assert.Equal(new EiResponse(200, null, "r1"), message.Response);
        Assert.Equal(Period.FromSeconds(10), message.RequestedPollFrequency);
        Assert.Equal([new ProfileOffer(OadrProfileName.Profile20b, [OadrTransportName.SimpleHttp])], message.Profiles);
    }

    [Theory]
    [InlineData("PT10.000S", "PT10S", null)]
    [InlineData("P0Y0M0DT0H0M10.000S", "PT10S", null)]
    [InlineData("P0W", "PT0S", null)]
    [InlineData("-PT10S", null, "negative")]
    [InlineData("10 s", null, "not a duration")]
    [InlineData("PT0.5S", null, "not a duration")]
    [InlineData("P9999Y", null, "hundred years")]
    public void A_poll_frequency_never_costs_the_registration(string frequency, string? read, string? fault)
    {
        var text = Payload.Wrap(Created.Replace("PT10S", frequency, StringComparison.Ordinal));
        var message = Assert.IsType<OadrCreatedPartyRegistration>(Payload.Read(text).Message);
        Assert.Equal(read, message.RequestedPollFrequency is { } period ? GridServices.Wire.PeriodText.Format(period) : null);
        Assert.Contains(fault ?? string.Empty, message.PollFrequencyFault ?? string.Empty, StringComparison.Ordinal);
        Assert.Equal(fault is null, message.PollFrequencyFault is null);
    }

    [Theory]
    [InlineData("200", "OK", ErrorClass.SemanticCode, "/oadrPayload/oadrSignedObject/oadrCreatedPartyRegistration/eiResponse/responseCode")]
    [InlineData("<ei:vtnID>vtn</ei:vtnID>", "", ErrorClass.SchemaInvalid, "/oadrPayload/oadrSignedObject/oadrCreatedPartyRegistration")]
    [InlineData("simpleHttp", "pigeon", ErrorClass.SchemaInvalid,
        "/oadrPayload/oadrSignedObject/oadrCreatedPartyRegistration/oadrProfiles/oadrProfile/oadrTransports/oadrTransport/oadrTransportName")]
    public void A_bad_payload_is_refused_with_class_and_path(string passage, string replacement, ErrorClass error, string path)
    {
        var refusal = Payload.Refused(Payload.Wrap(Created.Replace(passage, replacement, StringComparison.Ordinal)));
        Assert.Equal((error, path), (refusal.Class, refusal.Path));
    }

    [Theory]
    [InlineData("", "no payload in it")]
    [InlineData(Poll + Poll, "more than one payload")]
    [InlineData("<oadr:oadrNoSuch/>", "'oadrNoSuch' in namespace")]
    [InlineData("<ei:oadrPoll><ei:venID>v</ei:venID></ei:oadrPoll>", "not a payload of OpenADR 2.0b")]
    [InlineData("<oadr:oadrPoll ei:schemaVersion=\"3.0\"><ei:venID>v</ei:venID></oadr:oadrPoll>", "schemaVersion '3.0'")]
    public void What_is_no_single_payload_is_refused_by_name(string content, string says)
    {
        var refusal = Payload.Refused(Payload.Wrap(content));
        Assert.Equal(ErrorClass.SchemaInvalid, refusal.Class);
        Assert.Contains(says, refusal.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void The_older_profile_is_refused_by_name() =>
        Assert.Contains("2.0a", Payload.Refused(Payload.Wrap(Poll).Replace("oadr-2.0b", "oadr-2.0a", StringComparison.Ordinal)).Detail, StringComparison.Ordinal);

    [Fact]
    public void A_refused_payload_still_tells_its_request_id()
    {
        var outcome = Payload.Read(Payload.Wrap("<oadr:oadrDistributeEvent><pyld:requestID>r7</pyld:requestID></oadr:oadrDistributeEvent>"));
        Assert.Equal("'vtnID' is missing", outcome.Refusal!.Detail);
        Assert.Equal("r7", outcome.RequestId);
    }

    [Fact]
    public void What_the_wire_has_no_text_for_is_not_written()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => OadrXml.Write(new OadrResponse(new EiResponse(1000, null, "r"), null)));
        Assert.Throws<ArgumentException>(() => OadrXml.Write(new OadrDistributeEvent
        {
            RequestId = "r",
            VtnId = "v",
            Events = [Readable.Not<OadrEvent>(new UnreadableEvent("e", 0, null, new(ErrorClass.SemanticId, "/", "x"), 452))],
        }));
    }

    [Fact]
    public void Every_error_class_has_a_response_code_of_the_profile() =>
        Assert.All(Enum.GetValues<ErrorClass>(), e => Assert.Contains(OadrCodes.GetCode(e), new[] { 450, 451, 452, 453, 454, 459, 460, 461, 462, 463, 469 }));

    [Fact]
    public void Who_cannot_be_trusted_is_told_nothing_of_a_registration() // OpenADR 2.0b rule 517
    {
        var unknown = Enum.GetValues<ErrorClass>().Where(e => Problems.GetName(e).StartsWith("AUTHN_", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(unknown);
        Assert.All(unknown, e => Assert.Equal((e, OadrCodes.Other), (e, OadrCodes.GetCode(e))));
    }
}
