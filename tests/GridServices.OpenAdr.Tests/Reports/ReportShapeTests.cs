using System.Xml.Linq;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Tests.Scripts;

namespace GridServices.OpenAdr.Tests.Reports;

/// <summary>What every report has in common, whatever it is about.</summary>
public sealed class ReportShapeTests : EitherWay
{
    public ReportShapeTests()
        : base(VenTransport.Pull)
    {
    }

    public static TheoryData<string, string, string, string, bool> Shapes => new()
    {
        { "telemetry-usage", "power", "PT1M", "PT3M", true },
        { "telemetry-usage", "power", "PT0S", "PT3M", false },
        { "telemetry-usage", "power", "PT0S", "PT0S", false },
        { "telemetry-status", "status", "PT1M", "PT3M", true },
        { "telemetry-status", "status", "PT0S", "PT3M", false },
        { "telemetry-status", "status", "PT0S", "PT0S", false },
        { "history-usage", "past-power", "PT0S", "PT0S", true },
        { "history-usage", "past-power", "PT2M", "PT4M", true },
        { "history-greenbutton", "gb-energy", "PT0S", "PT0S", true },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Each_interval_has_its_start_and_no_uid_and_all_have_a_duration_or_none(string specifier, string rId, string granularity, string back, bool hasDuration)
    {
        var report = Told(specifier, rId, granularity, back);
        Assert.Equal(report.Start, report.Intervals[0].Start);
        Assert.All(report.Intervals, i => Assert.NotNull(i.Start));
        Assert.All(report.Intervals, i => Assert.Null(i.Uid));
        Assert.All(report.Intervals, i => Assert.Equal(hasDuration, i.Duration is not null));
        Assert.Equal(report.Intervals.Select(i => i.Start).Order(), report.Intervals.Select(i => i.Start));
    }

    [Theory]
    [InlineData("PT1M", "PT3M")]
    [InlineData("PT0S", "PT3M")]
    [InlineData("PT0S", "PT0S")]
    public void No_status_tells_of_a_load_control_state(string granularity, string back) =>
        Assert.All(Told("telemetry-status", "status", granularity, back).Intervals, i => Assert.Null(Assert.Single(i.Payloads).Status!.LoadControlState));

    [Fact]
    public void A_channel_is_told_without_a_subject()
    {
        var ven = Unregistered(Configs.WithHistory with { Quirks = new() { SkipQueryRegistration = true } });
        ven.Hears(Vtn.Registers("req-1")).Sends<OadrRegisterReport>(out var metadata);
        var written = XDocument.Load(new MemoryStream(OpenAdr.Codec.OadrXml.Write(metadata))).Descendants().Select(e => e.Name.LocalName).ToList();
        Assert.Contains("reportDataSource", written);
        Assert.DoesNotContain("reportSubject", written);
    }

    private OadrReport Told(string specifier, string rId, string granularity, string back)
    {
        var asked = Vtn.Wants("rr-1", specifier, granularity, back, rId);
        var isPast = specifier.StartsWith("history", StringComparison.Ordinal);
        var ven = Registered(Configs.WithHistory).ReadsEachMinute("18:00", 5).At("18:05").IsAskedFor(isPast ? asked.Between("18:00", "PT0S") : asked);
        return ven.ReadsEachMinute("18:05", 5).At("18:10").Reports();
    }
}
