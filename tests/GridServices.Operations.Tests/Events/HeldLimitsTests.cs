using System.Text.Json;
using GridServices.Contracts;
using GridServices.Operations.Compliance;
using GridServices.Operations.Events;
using NodaTime;
using static GridServices.Operations.Tests.Compliance.ComplianceCase;

namespace GridServices.Operations.Tests.Events;

/// <summary>What the hub does not know is not the absence of a limit.</summary>
public sealed class HeldLimitsTests
{
    [Theory]
    [InlineData("""{"targets":[]}""", true, null)]
    [InlineData("""{"targets":[],"incomplete":false}""", true, null)]
    [InlineData("""{"targets":[],"incomplete":true,"waitingFor":["openadr/1"]}""", false, null)]
    [InlineData("""{"targets":[TARGET]}""", true, 30_000L)]
    [InlineData("""{"targets":[TARGET],"incomplete":true,"waitingFor":[]}""", false, null)]
    public void An_incomplete_answer_says_nothing(string answer, bool isKnown, long? importW)
    {
        var limits = HeldLimits.Find(Read(answer), "site-1");
        Assert.Equal((isKnown, importW), (limits is not null, limits?.ImportLimitW?.Value));
        Assert.Null(HeldLimits.Find(Read(answer), "site-2")?.ImportLimitW);
    }

    [Fact]
    public void A_span_in_which_the_hub_was_incomplete_is_unknown_in_the_report_and_never_respected()
    {
        var (half, limit) = (Start + Duration.FromHours(2), HeldLimits.Find(Read("""{"targets":[TARGET]}"""), "site-1")!);
        EffectiveSegment?[] recorded =
        [
            new EffectiveSegment { From = Start, Until = half, Limits = limit },
            HeldLimits.Find(Read("""{"targets":[],"incomplete":true}"""), "site-1") is { } none ? new EffectiveSegment { From = half, Until = End, Limits = none } : null,
        ];
        var report = ComplianceCalculator.Report(Input() with
        {
            Limits = LimitTimeline.Compute([.. recorded.OfType<EffectiveSegment>()], Start, End, End),
            Readings = [.. Readings(Start, End, 60, _ => 20_000)],
            Meter = [],
        });
        Assert.Equal((LimitAnswer.Unknown, 7_200m), (report.Limit.Respected, report.Limit.UnknownSeconds));
        Assert.Equal([true, false], report.Rows.Where((_, i) => i is 7 or 8).Select(r => r.LimitKnown));
    }

    private static EffectiveTimeline Read(string answer) => JsonSerializer.Deserialize<EffectiveTimeline>(
        answer.Replace("TARGET", """
            {"target":{"kind":"site","id":"site-1"},"segments":[{"from":"2027-07-01T23:00:00Z","until":null,"limits":
             {"importLimitW":{"value":30000,"boundBy":{"service":"openadr","key":"p","envelopeId":"019f0000-0000-7000-8000-000000000001","tier":"regulatory"}}}}]}
            """, StringComparison.Ordinal).Replace("""{"targets":""", """{"siteId":"site-1","from":"2027-07-01T23:00:00Z","until":null,"targets":""", StringComparison.Ordinal), ContractJson.Options)!;
}
