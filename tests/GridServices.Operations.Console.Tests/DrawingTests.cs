using GridServices.Contracts;
using GridServices.Operations.Service.Console.Charts;
using GridServices.Operations.Service.Console.Format;
using GridServices.Operations.Service.Console.Texts;
using NodaTime;

namespace GridServices.Operations.Console.Tests;

public sealed class DrawingTests
{
    private static readonly Instant From = Instant.FromUtc(2027, 1, 15, 0, 0);
    private static readonly DateTimeZone Zone = DateTimeZoneProviders.Tzdb["America/Los_Angeles"];
    private static readonly TextSet Texts = new(Language.English);
    private static readonly Times Times = new(Texts, ClockChoice.Site, DateTimeZone.Utc);
    private static readonly Numbers Numbers = new(Language.English);

    [Fact]
    public void Where_nothing_is_known_there_is_no_line()
    {
        var svg = Draw(Plot() with { Measured = [new(From, 1_000), new(At(1), 2_000), new(At(2), null), new(At(3), 3_000), new(At(4), 3_000)] });
        Assert.Equal(2, svg.Split("class=\"measured\"").Length - 1);
    }

    [Fact]
    public void Limits_carry_their_tier_as_a_class_and_their_sentence_and_no_style_is_inline()
    {
        var svg = Draw(Plot() with { Limits = [new(From, At(5), 60_000, Tier.Contractual, "Import limited to 60 kW <now>")], Peaks = [new(At(1), At(2), 80_000, "peak")], Bands = [new(At(1), null, "e17")] });
        Assert.Contains("class=\"limit contractual\"", svg, StringComparison.Ordinal);
        Assert.Contains("Import limited to 60 kW &lt;now&gt;", svg, StringComparison.Ordinal);
        Assert.Contains("class=\"peak\"", svg, StringComparison.Ordinal);
        Assert.DoesNotContain("style=", svg, StringComparison.Ordinal);
        Assert.Contains("aria-labelledby=\"p-t p-d\"", svg, StringComparison.Ordinal);
    }

    [Fact]
    public void A_limit_is_one_sentence_that_says_how_much_until_when_by_whom_and_what_is_next()
    {
        var sentence = new LimitSentence(Texts, Numbers, Times, Zone, (service, _) => service == "openadr" ? "PG&E ELRP event e17" : "the connection limit");
        var bound = new Bound<long>(60_000, new Binding("openadr", "PROG7", Guid.Empty, Tier.Contractual), new RunnerUp<long>("operations", "connection", 80_000));
        Assert.Equal(
            "Import limited to 60\u00a0kW until 19:00 PST by PG&E ELRP event e17; next is the connection limit, 80\u00a0kW.", sentence.Describe("importLimitW", bound, Instant.FromUtc(2027, 1, 16, 3, 0)));
        Assert.StartsWith("Export: nobody states a limit. That is no permission", sentence.Describe("exportLimitW", null, null), StringComparison.Ordinal);
    }

    [Fact]
    public void A_limit_per_phase_is_told_and_who_must_disconnect_is_not_told_that_nobody_states_a_limit()
    {
        var sentence = new LimitSentence(Texts, Numbers, Times, Zone, (service, _) => service == "openadr" ? "the utility" : "the connection limit");
        var amperes = new Bound<decimal>(16.5m, new Binding("openadr", "PROG7", Guid.Empty, Tier.Contractual), new RunnerUp<decimal>("operations", "connection", 63));
        var rated = new Bound<decimal>(63, new Binding("operations", "connection", Guid.Empty, Tier.Safety));
        EffectiveSegment Segment(EffectiveLimits limits) => new() { From = From, Until = null, Limits = limits };
        var phases = new EffectiveLimits { PerPhase = new EffectivePhases { L1 = new EffectivePhase { ImportLimitA = amperes }, L2 = new EffectivePhase { ImportLimitA = rated }, L3 = new EffectivePhase { ImportLimitA = rated } } };
        Assert.Equal(
            [
                "Import on L1 limited to 16.5\u00a0A by the utility; next is the connection limit, 63\u00a0A.",
                "Import on L2, L3 limited to 63\u00a0A by the connection limit; nothing else states a limit.",
                "Export: nobody states a limit. That is no permission: the connection still has one.",
            ],
            sentence.DescribeAll(Segment(phases)));
        Assert.Equal(["Must be disconnected from the grid, by the utility."], sentence.DescribeAll(Segment(new EffectiveLimits { Connect = new Bound<bool>(false, new Binding("openadr", "PROG7", Guid.Empty, Tier.Contractual)) })));
        Assert.Equal(2, sentence.DescribeAll(Segment(EffectiveLimits.None)).Count());
    }

    private static PowerPlot Plot() => new("p", "Power", "A day", From, At(24));

    private static Instant At(int hour) => From + Duration.FromHours(hour);

    private static string Draw(PowerPlot plot)
    {
        using var text = new StringWriter();
        new PowerPlotDrawing(plot, Numbers, Times, Zone).Draw().WriteTo(text, System.Text.Encodings.Web.HtmlEncoder.Default);
        return text.ToString();
    }
}
