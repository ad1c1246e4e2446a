using System.Text;
using GridServices.OpenAdr.Codec;
using GridServices.OpenAdr.Messages;
using GridServices.Wire;

namespace GridServices.OpenAdr.Tests.Codec;

/// <summary>A distributeEvent of our own, as text that a test bends.</summary>
internal static class Payload
{
    public const string Event =
        """
        <oadr:oadrEvent><ei:eiEvent>
          <ei:eventDescriptor><ei:eventID>e1</ei:eventID><ei:modificationNumber>2</ei:modificationNumber><ei:priority>1</ei:priority>
            <ei:eiMarketContext><emix:marketContext>http://utility.example/dr</emix:marketContext></ei:eiMarketContext>
            <ei:createdDateTime>2027-01-15T17:00:00Z</ei:createdDateTime><ei:eventStatus>far</ei:eventStatus></ei:eventDescriptor>
          <ei:eiActivePeriod><xcal:properties><xcal:dtstart><xcal:date-time>2027-01-15T18:00:00Z</xcal:date-time></xcal:dtstart>
            <xcal:duration><xcal:duration>PT2H</xcal:duration></xcal:duration></xcal:properties><xcal:components/></ei:eiActivePeriod>
          <ei:eiEventSignals><ei:eiEventSignal><strm:intervals><ei:interval><xcal:duration><xcal:duration>PT120M</xcal:duration></xcal:duration>
            <xcal:uid><xcal:text>0</xcal:text></xcal:uid><ei:signalPayload><ei:payloadFloat><ei:value>2</ei:value></ei:payloadFloat></ei:signalPayload>
            </ei:interval></strm:intervals><ei:signalName>SIMPLE</ei:signalName><ei:signalType>level</ei:signalType><ei:signalID>s1</ei:signalID>
            </ei:eiEventSignal></ei:eiEventSignals>
          <ei:eiTarget><ei:venID>ven-1</ei:venID></ei:eiTarget>
        </ei:eiEvent><oadr:oadrResponseRequired>always</oadr:oadrResponseRequired></oadr:oadrEvent>
        """;

    public static string Create(params string[] events) => Wrap(
        $"<oadr:oadrDistributeEvent ei:schemaVersion=\"2.0b\"><pyld:requestID>r1</pyld:requestID><ei:vtnID>vtn</ei:vtnID>{string.Concat(events)}</oadr:oadrDistributeEvent>");

    public static string Wrap(string payload) =>
        $"""
        <oadr:oadrPayload xmlns:oadr="http://openadr.org/oadr-2.0b/2012/07" xmlns:ei="http://docs.oasis-open.org/ns/energyinterop/201110"
          xmlns:pyld="http://docs.oasis-open.org/ns/energyinterop/201110/payloads" xmlns:emix="http://docs.oasis-open.org/ns/emix/2011/06"
          xmlns:xcal="urn:ietf:params:xml:ns:icalendar-2.0" xmlns:strm="urn:ietf:params:xml:ns:icalendar-2.0:stream"
          xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><oadr:oadrSignedObject>{payload}</oadr:oadrSignedObject></oadr:oadrPayload>
        """;

    /// <summary>The event with one passage replaced; the passage must be there.</summary>
    public static string Bent(string passage, string replacement)
    {
        Assert.Contains(passage, Event, StringComparison.Ordinal);
        return Event.Replace(passage, replacement, StringComparison.Ordinal);
    }

    public static ReadOutcome Read(string xml) => OadrXml.Read(Encoding.UTF8.GetBytes(xml));

    public static ReadError Refused(string xml)
    {
        var outcome = Read(xml);
        Assert.Null(outcome.Message);
        return outcome.Refusal!;
    }

    /// <summary>Reads the bent event between two sound ones, which must come through.</summary>
    public static Readable<OadrEvent> Among(string bent)
    {
        var sound = Event.Replace(">e1<", ">other<", StringComparison.Ordinal);
        var message = Assert.IsType<OadrDistributeEvent>(Read(Create(sound, bent, sound)).Message);
        Assert.Equal(3, message.Events.Count);
        Assert.Equal("other", message.Events[0].Value!.Descriptor.EventId);
        Assert.Equal("other", message.Events[2].Value!.Descriptor.EventId);
        return message.Events[1];
    }
}
