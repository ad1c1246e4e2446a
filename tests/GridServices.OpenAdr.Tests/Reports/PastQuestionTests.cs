using GridServices.OpenAdr.Reports;
using GridServices.OpenAdr.Tests.Scripts;
using NodaTime;

namespace GridServices.OpenAdr.Tests.Reports;

/// <summary>Which intervals a message about the past has.</summary>
public sealed class PastQuestionTests
{
    private static readonly Duration Quarter = Duration.FromMinutes(15);

    [Fact]
    public void As_kept_they_lie_on_the_meters_grid_wholly_within_the_period()
    {
        Assert.Equal(Grid("18:00", "19:00"), Asks("18:00", "19:00").ComputeGrid(Quarter, Vtn.Time("09:30")));
        Assert.Equal(Grid("18:15", "18:45"), Asks("18:03", "18:59:59").ComputeGrid(Quarter, Vtn.Time("23:00")));
        Assert.Equal(Grid("18:05", "18:50"), Asks("18:03", "19:00").ComputeGrid(Quarter, Vtn.Time("17:50")));
    }

    [Fact]
    public void Where_nothing_is_kept_or_no_interval_is_wholly_within_one_stands_for_all()
    {
        Assert.Equal(new PastGrid(Vtn.Time("18:00"), Vtn.Time("19:00"), Duration.FromHours(1)), Asks("18:00", "19:00").ComputeGrid(Quarter, null));
        Assert.Equal(1, Asks("18:03", "18:14").ComputeGrid(Quarter, Vtn.Time("18:00")).Count);
    }

    [Fact]
    public void In_a_length_asked_for_they_begin_where_the_period_begins()
    {
        var asked = Asks("18:03", "19:00") with { Step = Duration.FromHours(1) };
        Assert.Equal(new PastGrid(Vtn.Time("18:03"), Vtn.Time("19:00"), Duration.FromHours(1)), asked.ComputeGrid(Quarter, Vtn.Time("18:00")));
    }

    [Fact]
    public void More_than_a_message_holds_are_the_latest()
    {
        var asked = Asks("2026-01-15T00:00:00Z", "19:00") with { MostIntervals = 100 };
        Assert.Equal((100, Vtn.Time("19:00")), (asked.ComputeGrid(Quarter, Vtn.Time("18:00")).Count, asked.ComputeGrid(Quarter, Vtn.Time("18:00")).Until));
        Assert.True(asked.ComputeEarliest(Quarter) >= Vtn.Time("19:00") - (Quarter * 101));
        var daily = (asked with { Step = Duration.FromDays(1) }).ComputeGrid(Quarter, null);
        Assert.Equal((100, Vtn.Time("2026-10-08T00:00:00Z")), (daily.Count, daily.From));
    }

    [Theory]
    [InlineData("18:45", "19:05", true)]
    [InlineData("18:30", "19:05", false)]
    [InlineData(null, "19:29:59", false)]
    [InlineData(null, "19:30", true)]
    public void The_last_interval_of_the_period_is_waited_for_half_an_hour(string? lastStart, string now, bool isFinal) =>
        Assert.Equal(isFinal, PastQuestions.IsFinal(Asks("18:00", "19:00"), lastStart is null ? null : Vtn.Time(lastStart) + Quarter, Quarter, Vtn.Time(now)));

    private static PastQuestion Asks(string from, string until) =>
        new() { ReportRequestId = "rr", Due = Vtn.Time(until), From = Vtn.Time(from), Until = Vtn.Time(until), MostIntervals = 256, Metered = [], Sampled = [] };

    private static PastGrid Grid(string from, string until) => new(Vtn.Time(from), Vtn.Time(until), Quarter);
}
