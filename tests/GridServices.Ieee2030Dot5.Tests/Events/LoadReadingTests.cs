using GridServices.Ieee2030Dot5.Codec;
using GridServices.Ieee2030Dot5.Events;
using GridServices.Ieee2030Dot5.Messages;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests.Events;

/// <summary>What an EndDeviceControl amounts to at the site, by the policy.</summary>
public sealed class LoadReadingTests
{
    private const string Asked = "<DutyCycle><normalValue>40</normalValue></DutyCycle>";
    private static readonly Instant Begin = Instant.FromUnixTimeSeconds(1_800_000_000);

    public static TheoryData<string, ReductionMeaning, long?, int?> Limits => new()
    {
        // Two hours long: 6 kWh are 3 kW.
        { Reduction(0, 6), ReductionMeaning.ReduceBy, 10_000, 7_000 },
        { Reduction(1, 3), ReductionMeaning.ReduceBy, 10_000, 7_000 },
        { Reduction(2, 2_500), ReductionMeaning.ReduceBy, 10_000, 7_500 },
        { Reduction(1, 30), ReductionMeaning.ReduceBy, 10_000, 0 },
        { Reduction(0, 6), ReductionMeaning.StayBelow, null, 3_000 },
        { Reduction(1, 3), ReductionMeaning.StayBelow, 10_000, 3_000 },
        { Reduction(1, 3), ReductionMeaning.NotFollowed, 10_000, null },
        { Reduction(1, 3), ReductionMeaning.ReduceBy, null, null },
        { Reduction(3, 3), ReductionMeaning.ReduceBy, 10_000, null },
        { Asked, ReductionMeaning.ReduceBy, 10_000, 4_000 },
        { Asked, ReductionMeaning.ReduceBy, null, null },
        { Asked + Reduction(1, 7), ReductionMeaning.ReduceBy, 10_000, 3_000 },
        { Asked + Reduction(1, 5), ReductionMeaning.ReduceBy, 10_000, 4_000 },
        { "<Offset><loadAdjustmentPercentageOffset>2500</loadAdjustmentPercentageOffset></Offset>", ReductionMeaning.ReduceBy, 10_000, 7_500 },
        { "<SetPoint><coolingSetpoint>2600</coolingSetpoint></SetPoint>", ReductionMeaning.ReduceBy, 10_000, null },
        { "<ApplianceLoadReduction><type>0</type></ApplianceLoadReduction>", ReductionMeaning.ReduceBy, 10_000, null },
        { string.Empty, ReductionMeaning.ReduceBy, 10_000, null },
        { "<loadShiftForward>true</loadShiftForward>" + Asked, ReductionMeaning.ReduceBy, 10_000, null },
    };

    [Theory]
    [MemberData(nameof(Limits))]
    public void It_is_the_strictest_of_what_is_carried_out(string xml, ReductionMeaning meaning, long? referenceW, int? limitW)
    {
        var step = Take(xml, new LoadPolicy { Mode = ControlMode.ImpLimW, ReferenceW = referenceW, TargetReduction = meaning });
        Assert.Equal(limitW, (int?)step.At(ControlMode.ImpLimW, Begin)?.Setting.Amount);
        Assert.Equal(limitW is null ? [252] : [1, 2], step.Responses.Select(r => (int)r.Status));
        Assert.All(step.Responses, r => Assert.True(r.IsLoadControl));
    }

    [Fact]
    public void What_has_no_amount_is_carried_out_where_the_policy_gives_it_a_share()
    {
        var policy = new LoadPolicy { Mode = ControlMode.LoadLimW, ReferenceW = 8_000, OtherwiseShare = 0.5m };
        foreach (var xml in new[] { "<SetPoint><heatingSetpoint>1800</heatingSetpoint></SetPoint>", "<Offset><coolingOffset>20</coolingOffset></Offset>", "<ApplianceLoadReduction><type>1</type></ApplianceLoadReduction>" })
        {
            Assert.Equal(4_000m, Take(xml, policy).At(ControlMode.LoadLimW, Begin)?.Setting.Amount);
        }
    }

    [Theory]
    [InlineData("<DutyCycle><normalValue>101</normalValue></DutyCycle>")]
    [InlineData("<DutyCycle/>")]
    [InlineData("<TargetReduction><type>1</type></TargetReduction>")]
    [InlineData("<TargetReduction><type>1</type><value>-1</value></TargetReduction>")]
    [InlineData("<Offset><loadAdjustmentPercentageOffset>10001</loadAdjustmentPercentageOffset></Offset>")]
    [InlineData("<loadShiftForward>perhaps</loadShiftForward>")]
    public void What_asks_for_less_and_is_illegible_refuses_the_whole(string xml) => Assert.NotNull(Sep2Xml.Read(Bytes(xml)).Refusal);

    [Fact]
    public void What_decides_no_limit_costs_none()
    {
        var read = Assert.IsType<EndDeviceControl>(Sep2Xml.Read(Bytes($"<overrideDuration>long</overrideDuration><drProgramMandatory>?</drProgramMandatory><SetPoint><coolingSetpoint>x</coolingSetpoint></SetPoint>{Asked}")).Resource);
        Assert.Equal(["drProgramMandatory", "overrideDuration", "coolingSetpoint"], read.Illegible);
        Assert.Equal((byte)40, read.DutyCycle);
    }

    private static DerScheduleStep Take(string xml, LoadPolicy policy)
    {
        var sent = Assert.IsType<EndDeviceControl>(Sep2Xml.Read(Bytes(xml)).Resource);
        var control = new DerControl
        {
            MRid = sent.MRid,
            CreationTime = sent.CreationTime,
            EventStatus = sent.EventStatus,
            Interval = sent.Interval,
            Base = new DerControlBase { Load = sent },
            ReplyTo = "/rsp",
            ResponseRequired = 3,
        };
        var config = new DerScheduleConfig { SiteId = "site-1", Lfdi = Utility.Lfdi, Load = policy };
        return DerSchedule.Apply(config, DerScheduleState.Initial, [new ProgramView("P", "F", 1, null, [control])], Begin, seed: 1);
    }

    private static string Reduction(int unit, int value) => $"<TargetReduction><type>{unit}</type><value>{value}</value></TargetReduction>";

    private static byte[] Bytes(string parts) => System.Text.Encoding.UTF8.GetBytes(
        "<EndDeviceControl xmlns=\"urn:ieee:std:2030.5:ns\"><mRID>AB</mRID><creationTime>1800000000</creationTime><EventStatus><currentStatus>0</currentStatus></EventStatus>"
        + $"<interval><duration>7200</duration><start>1800000000</start></interval><deviceCategory>00004000</deviceCategory>{parts}</EndDeviceControl>");
}
