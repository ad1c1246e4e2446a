using GridServices.Contracts;
using GridServices.OpenAdr.Messages;
using NodaTime;

namespace GridServices.OpenAdr.Tests.Codec;

public sealed class EventReadingTests
{
    [Fact]
    public void A_sound_event_is_read_as_it_stands()
    {
        var e = Payload.Among(Payload.Event).Value!;
        Assert.Equal("e1", e.Descriptor.EventId);
        Assert.Equal(2u, e.Descriptor.ModificationNumber);
        Assert.Equal(Instant.FromUtc(2027, 1, 15, 18, 0), e.ActivePeriod.Start);
        Assert.Equal(Period.FromHours(2), e.ActivePeriod.Duration);
        Assert.Equal(new SignalInterval(null, Period.FromMinutes(120), "0", 2), Assert.Single(e.Signals[0].Intervals));
        Assert.Equal(["ven-1"], e.Target.VenIds);
        Assert.Equal(ResponseRequired.Always, e.ResponseRequired);
    }

    /// <summary>OpenADR 2.0b rule 46: what is empty is omitted; rules 14, 29, 110: the current value informs.</summary>
    [Theory]
    [InlineData("<ei:currentValue/>")]
    [InlineData("<ei:currentValue xsi:nil=\"true\"/>")]
    [InlineData("<ei:currentValue><ei:payloadFloat><ei:value>NaN</ei:value></ei:payloadFloat></ei:currentValue>")]
    public void A_current_value_that_says_nothing_costs_no_event(string value) =>
        Assert.Null(Payload.Among(Payload.Bent("<ei:signalID>s1</ei:signalID>", $"<ei:signalID>s1</ei:signalID>{value}")).Value!.Signals[0].CurrentValue);

    [Fact]
    public void An_empty_baseline_is_none() =>
        Assert.Null(Payload.Among(Payload.Bent("</ei:eiEventSignal></ei:eiEventSignals>", "</ei:eiEventSignal><ei:eiEventBaseline/></ei:eiEventSignals>")).Value!.Baseline);

    [Theory]
    [InlineData("<ei:venID>ven-1</ei:venID>", "<oadr:venID>somebody-else</oadr:venID>", 462)]
    [InlineData("<ei:signalID>s1</ei:signalID>", "<ei:signalID>s1</ei:signalID><oadr:powerReal><oadr:itemDescription>RealPower</oadr:itemDescription><oadr:itemUnits>W</oadr:itemUnits></oadr:powerReal>", 460)]
    [InlineData("<ei:signalID>s1</ei:signalID>", "<ei:signalID>s1</ei:signalID><emix:itemBase><emix:itemUnits>MW</emix:itemUnits></emix:itemBase>", 460)]
    public void What_is_stated_and_not_understood_is_never_taken_for_nothing_stated(string passage, string replacement, int code) =>
        Assert.Equal(code, Payload.Among(Payload.Bent(passage, replacement)).Unreadable!.ResponseCode);

    [Theory]
    [InlineData("<ei:eventID>e1</ei:eventID>", "<ei:eventID><![CDATA[e1]]></ei:eventID>", "character data")]
    [InlineData("<ei:eventID>e1</ei:eventID>", "<ei:eventID>\n  &#101;1 <!-- x --></ei:eventID>", "references, white space, comments")]
    [InlineData("<xcal:components/>", "<xcal:components xsi:nil=\"true\"/>", "nil")]
    [InlineData("<xcal:components/>", "", "the empty components are no loss")]
    [InlineData("18:00:00Z", "18:00:00.987Z", "rule 1: fractions are cut off")]
    [InlineData("<ei:priority>1</ei:priority>", "<x:y xmlns:x=\"urn:x\"><x:z/></x:y><ei:priority>1</ei:priority>", "unknown elements")]
    [InlineData("<ei:signalName>SIMPLE", "<ei:signalName>simple", "lower case")]
    [InlineData("<ei:payloadFloat>", "<ei:payloadFloat xsi:type=\"ei:PayloadFloatType\">", "own type repeated")]
    [InlineData("<ei:eventStatus>far</ei:eventStatus>", "<ei:eventStatus>far</ei:eventStatus><ei:testEvent/><ei:vtnComment></ei:vtnComment>", "rule 46: empty = omitted")]
    public void What_changes_no_meaning_changes_nothing(string passage, string replacement, string what) =>
        Assert.True(Payload.Among(Payload.Event).Equals(Payload.Among(Payload.Bent(passage, replacement))), what);

    [Fact]
    public void The_order_of_children_does_not_matter()
    {
        const string Id = "<ei:eventID>e1</ei:eventID><ei:modificationNumber>2</ei:modificationNumber>";
        var swapped = Payload.Bent(Id, "<ei:modificationNumber>2</ei:modificationNumber><ei:eventID>e1</ei:eventID>");
        Assert.Equal(Payload.Among(Payload.Event), Payload.Among(swapped));
    }

    [Theory]
    [InlineData("<ei:signalID>s1</ei:signalID>", "", ErrorClass.SchemaInvalid, 459, "/eiEventSignal: 'signalID' is missing")]
    [InlineData("<ei:signalID>s1</ei:signalID>", "<emix:signalID>s1</emix:signalID>", ErrorClass.SchemaInvalid, 459, "is in namespace")]
    [InlineData("<ei:eiTarget><ei:venID>ven-1</ei:venID></ei:eiTarget>", "", ErrorClass.SchemaInvalid, 459, "'eiTarget' is missing")]
    [InlineData(">far<", ">imminent<", ErrorClass.SchemaInvalid, 459, "eventStatus: 'imminent' is not one of none, far")]
    [InlineData("<ei:payloadFloat>", "<ei:payloadFloat xsi:type=\"ei:PayloadBaseType\">", ErrorClass.SchemaInvalid, 459, "payloadFloat: xsi:type")]
    [InlineData(">1</ei:priority>", ">-1</ei:priority>", ErrorClass.SchemaInvalid, 459, "priority")]
    [InlineData("PT2H", "-PT2H", ErrorClass.SemanticDuration, 459, "/oadrEvent[2]/eiEvent/eiActivePeriod/properties/duration: a negative")]
    [InlineData("PT2H", "P9999Y", ErrorClass.SemanticDuration, 459, "duration")]
    [InlineData("PT2H", "P1M", ErrorClass.SemanticDuration, 459, "months and years")]
    [InlineData("PT2H", "PT0.5H", ErrorClass.SemanticDuration, 459, "not a duration such as")]
    [InlineData("PT2H", "PT", ErrorClass.SemanticDuration, 459, "'PT' is not a duration")]
    [InlineData("PT2H", "P99999999999D", ErrorClass.SemanticDuration, 459, "duration")]
    [InlineData("18:00:00Z", "18:00:00", ErrorClass.SemanticTime, 459, "date-time: '2027-01-15T18:00:00' is not in UTC")]
    [InlineData("18:00:00Z", "18:00:00+00:00", ErrorClass.SemanticTime, 459, "end it with Z")]
    [InlineData("2027-01-15T18", "0001-01-01T18", ErrorClass.SemanticTime, 459, "1970")]
    [InlineData("2027-01-15T18", "2027-02-30T18", ErrorClass.SemanticTime, 454, "does not exist")]
    [InlineData("18:00:00Z", "24:00:01Z", ErrorClass.SemanticTime, 454, "does not exist")]
    [InlineData("<ei:value>2<", "<ei:value>NaN<", ErrorClass.SemanticNumber, 454, "value: 'NaN'")]
    [InlineData("<ei:value>2<", "<ei:value>1e39<", ErrorClass.SemanticNumber, 454, "single precision")]
    [InlineData("<ei:value>2<", "<ei:value>1e-400<", ErrorClass.SemanticNumber, 454, "single precision")]
    [InlineData(">SIMPLE<", ">DIMMER<", ErrorClass.UnsupportedSignal, 460, "signalName: 'DIMMER'")]
    [InlineData(">level<", ">volume<", ErrorClass.UnsupportedSignal, 460, "signalType")]
    public void A_bad_event_fails_alone_and_can_be_answered(string passage, string replacement, ErrorClass error, int code, string says)
    {
        var unreadable = Payload.Among(Payload.Bent(passage, replacement)).Unreadable!;
        Assert.Equal("e1", unreadable.EventId);
        Assert.Equal(2u, unreadable.ModificationNumber);
        Assert.Equal(ResponseRequired.Always, unreadable.ResponseRequired);
        Assert.Equal(error, unreadable.Refusal.Class);
        Assert.Equal(code, unreadable.ResponseCode);
        Assert.Contains(says, unreadable.Refusal.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<ei:eventID>e1</ei:eventID>", "<ei:eventID>e1</ei:eventID><ei:eventID>e2</ei:eventID>", ErrorClass.SchemaInvalid)]
    [InlineData(">e1<", ">e\u202E1<", ErrorClass.SemanticId)]
    [InlineData(">e1<", ">e\u200B1<", ErrorClass.SemanticId)]
    [InlineData(">e1<", ">e\n1<", ErrorClass.SemanticId)]
    [InlineData(">e1<", "><", ErrorClass.SemanticId)]
    public void An_illegible_event_id_is_not_guessed(string passage, string replacement, ErrorClass error)
    {
        var unreadable = Payload.Among(Payload.Bent(passage, replacement)).Unreadable!;
        Assert.Null(unreadable.EventId);
        Assert.Equal(error, unreadable.Refusal.Class);
    }

    [Fact]
    public void A_very_long_event_id_is_refused_and_a_long_one_is_not()
    {
        Assert.Equal(1024, Payload.Among(Payload.Bent(">e1<", $">{new string('e', 1024)}<")).Value!.Descriptor.EventId.Length);
        var unreadable = Payload.Among(Payload.Bent(">e1<", $">{new string('e', 10_000)}<")).Unreadable!;
        Assert.Equal((ErrorClass.SemanticId, 452), (unreadable.Refusal.Class, unreadable.ResponseCode));
        Assert.True(unreadable.Refusal.Detail.Length < 200);
    }

    [Fact]
    public void A_zero_duration_is_open_ended_and_a_negative_ramp_is_inside()
    {
        Assert.Equal(Period.Zero, Payload.Among(Payload.Bent("PT2H", "PT0S")).Value!.ActivePeriod.Duration);
        var ramp = Payload.Bent("</xcal:properties>", "<ei:x-eiRampUp><xcal:duration>-PT5M</xcal:duration></ei:x-eiRampUp></xcal:properties>");
        Assert.Equal(Period.FromMinutes(-5), Payload.Among(ramp).Value!.ActivePeriod.RampUp);
    }

    [Fact]
    public void Five_hundred_and_twelve_events_are_read_and_one_more_is_refused()
    {
        string Many(int count) => Payload.Create([.. Enumerable.Repeat(Compact(Payload.Event), count)]);
        Assert.Equal(512, ((OadrDistributeEvent)Payload.Read(Many(512)).Message!).Events.Count);
        Assert.Equal(ErrorClass.LimitCount, Payload.Refused(Many(513)).Class);
    }

    [Fact]
    public void Four_thousand_and_ninety_six_intervals_are_read_and_one_more_is_refused()
    {
        string Many(int count)
        {
            var intervals = string.Concat(Enumerable.Repeat("<ei:interval><ei:signalPayload><ei:payloadFloat><ei:value>1</ei:value></ei:payloadFloat></ei:signalPayload></ei:interval>", count));
            var start = Payload.Event.IndexOf("<ei:interval>", StringComparison.Ordinal);
            var end = Payload.Event.IndexOf("</strm:intervals>", StringComparison.Ordinal);
            return Payload.Create(Payload.Event[..start] + intervals + Payload.Event[end..]);
        }

        Assert.Equal(4096, ((OadrDistributeEvent)Payload.Read(Many(4096)).Message!).Events[0].Value!.Signals[0].Intervals.Count);
        Assert.Equal(ErrorClass.LimitCount, Payload.Refused(Many(4097)).Class);
    }

    private static string Compact(string xml) => string.Concat(xml.Split('\n', StringSplitOptions.TrimEntries));
}
