using System.Xml;
using System.Xml.Linq;
using GridServices.Ieee2030Dot5.Codec;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Ieee2030Dot5.Tests.Messages;

namespace GridServices.Ieee2030Dot5.Tests.Codec;

/// <summary>What goes out.</summary>
public sealed class WritingTests
{
    private static readonly XNamespace Base = "urn:ieee:std:2030.5:ns";

    [Fact]
    public void What_is_written_reads_back_equal_in_csip_aus_1_3()
    {
        foreach (var specimen in Specimens.All)
        {
            var outcome = Sep2Xml.Read(Sep2Xml.Write(specimen, Sep2Dialect.CsipAus13));
            Assert.True(outcome.Refusal is null, $"{specimen.GetType().Name}: {outcome.Refusal}");
            Assert.Equal(specimen, outcome.Resource);
        }
    }

    [Fact]
    public void Each_dialect_has_its_own_extensions()
    {
        Assert.Equal(["https://csipaus.org/ns/v1.3"], Foreign(Sep2Xml.Write(Specimens.Settings, Sep2Dialect.CsipAus13)));
        Assert.Equal(["https://csipaus.org/ns"], Foreign(Sep2Xml.Write(Specimens.Settings, Sep2Dialect.CsipAus12)));
        Assert.Empty(Foreign(Sep2Xml.Write(Specimens.Settings, Sep2Dialect.Ieee2018)));
        var older = Assert.IsType<DerSettings>(Sep2Xml.Read(Sep2Xml.Write(Specimens.Settings, Sep2Dialect.CsipAus12)).Resource);
        Assert.Equal((byte)3, older.DoeModesEnabled);
        Assert.Null(older.VppModesEnabled);
        Assert.Null(older.SetMinWh);
    }

    [Theory]
    [InlineData(Sep2Dialect.Ieee2018, "application/sep+xml")]
    [InlineData(Sep2Dialect.CsipAus12, "application/sep+xml")]
    [InlineData(Sep2Dialect.CsipAus13, "application/sep+xml; csipaus=1.3")]
    public void Each_dialect_has_its_media_type(Sep2Dialect dialect, string type) => Assert.Equal(type, dialect.MediaType());

    [Fact]
    public void A_connection_point_stands_in_the_extension_s_own_namespace()
    {
        var root = Load(Sep2Xml.Write(new ConnectionPoint { ConnectionPointId = "1234567890" }, Sep2Dialect.CsipAus12));
        Assert.Equal(XName.Get("ConnectionPoint", "https://csipaus.org/ns"), root.Name);
        Assert.Throws<ArgumentException>(() => Sep2Xml.Write(new ConnectionPoint { ConnectionPointId = "1" }, Sep2Dialect.Ieee2018));
    }

    [Fact]
    public void Identity_stands_before_what_a_device_adds()
    {
        var names = Load(Sep2Xml.Write(Specimens.Device, Sep2Dialect.CsipAus13)).Elements().Select(e => e.Name.LocalName).ToList();
        Assert.Equal(
            ["DERListLink", "deviceCategory", "DeviceInformationLink", "DeviceStatusLink", "lFDI", "LoadShedAvailabilityListLink", "LogEventListLink", "sFDI", "changedTime", "enabled",
                "FlowReservationRequestListLink", "FlowReservationResponseListLink", "FunctionSetAssignmentsListLink", "postRate", "RegistrationLink",
                "SubscriptionListLink", "ConnectionPointLink"],
            names);
    }

    [Theory]
    [InlineData("EndDeviceControl", "mRID description version creationTime EventStatus interval randomizeDuration randomizeStart ApplianceLoadReduction deviceCategory drProgramMandatory DutyCycle loadShiftForward Offset overrideDuration SetPoint TargetReduction")]
    [InlineData("DemandResponseProgram", "mRID description version ActiveEndDeviceControlListLink availabilityUpdatePercentChangeThreshold availabilityUpdatePowerChangeThreshold EndDeviceControlListLink primacy")]
    [InlineData("LoadShedAvailability", "availabilityDuration DemandResponseProgramLink sheddablePercent sheddablePower")]
    [InlineData("DrResponse", "createdDateTime endDeviceLFDI status subject overrideDuration")]
    [InlineData("FlowReservationRequest", "mRID description version creationTime durationRequested energyRequested intervalRequested powerRequested RequestStatus")]
    [InlineData("FlowReservationResponse", "mRID description version creationTime EventStatus interval energyAvailable powerAvailable subject")]
    [InlineData("LogEvent", "createdDateTime details extendedData functionSet logEventCode logEventID logEventPEN profileID")]
    public void Elements_stand_in_the_order_of_the_schema(string name, string order)
    {
        var specimen = Specimens.All.First(s => Sep2Xml.GetName(s) == name);
        Assert.Equal(order.Split(' '), Load(Sep2Xml.Write(specimen, Sep2Dialect.Ieee2018)).Elements().Select(e => e.Name.LocalName));
    }

    [Fact]
    public void Role_flags_and_status_bits_are_whole_bytes()
    {
        var point = Load(Sep2Xml.Write(Specimens.MirrorPoint with { RoleFlags = 3 }, Sep2Dialect.CsipAus13));
        Assert.Equal("03", point.Element(Base + "roleFlags")?.Value);
        var status = Load(Sep2Xml.Write(Specimens.Status, Sep2Dialect.CsipAus13));
        Assert.Equal("01", status.Element(Base + "genConnectStatus")?.Element(Base + "value")?.Value);
    }

    [Fact]
    public void An_item_that_was_never_read_is_never_written()
    {
        var list = new DerControlList { Items = [Readable.Not<DerControl>(new(null, null, null, null, new(Contracts.ErrorClass.Malformed, "/", "x")))] };
        Assert.Throws<ArgumentException>(() => Sep2Xml.Write(list, Sep2Dialect.Ieee2018));
    }

    private static List<string> Foreign(byte[] xml) =>
        Load(xml).DescendantsAndSelf().Select(e => e.Name.NamespaceName).Where(n => n != Base.NamespaceName).Distinct(StringComparer.Ordinal).ToList();

    private static XElement Load(byte[] xml)
    {
        using var reader = XmlReader.Create(new MemoryStream(xml));
        return XElement.Load(reader);
    }
}
