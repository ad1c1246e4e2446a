using FsCheck;
using FsCheck.Fluent;
using GridServices.Contracts;
using GridServices.EnvelopeHub.Queries;
using NodaTime;

namespace GridServices.EnvelopeHub.Tests.Queries;

public sealed class QueryTextTests
{
    private static readonly Instant Now = Instant.FromUtc(2027, 1, 15, 18, 0);

    [Theory]
    [InlineData(null, 0)]
    [InlineData("30", 30)]
    [InlineData("30s", 30)]
    [InlineData("PT30S", 30)]
    [InlineData("PT1M", 60)]
    [InlineData("PT1H", 60)]
    [InlineData("P1W", 60)]
    [InlineData("0", 0)]
    [InlineData("99999999999999", 60)]
    public void A_wait_is_read_in_three_forms_and_cut_to_a_minute(string? text, int seconds)
    {
        Assert.True(WaitParameter.TryParse(text, out var wait));
        Assert.Equal(Duration.FromSeconds(seconds), wait);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("s")]
    [InlineData("PT-5S")]
    [InlineData("P1M")]
    [InlineData("1.5")]
    [InlineData("soon")]
    [InlineData("PT9223372036854775807H")]
    public void Another_wait_is_refused(string text) => Assert.False(WaitParameter.TryParse(text, out _));

    [Theory]
    [InlineData(null, 1000)]
    [InlineData("1", 1)]
    [InlineData("0", 1)]
    [InlineData("-5", 1)]
    [InlineData("2147483647", 1000)]
    [InlineData("99999999999999999999", 1000)]
    public void A_limit_is_cut_into_its_bounds(string? text, int limit)
    {
        Assert.True(LimitParameter.TryParse(text, out var read));
        Assert.Equal(limit, read);
    }

    [Theory]
    [InlineData("ten")]
    [InlineData("1e3")]
    [InlineData("--1")]
    public void A_limit_that_is_no_number_is_refused(string text) => Assert.False(LimitParameter.TryParse(text, out _));

    [Fact]
    public void Any_text_is_read_or_refused_without_an_exception() => Prop.ForAll(ArbMap.Default.ArbFor<string?>(), text =>
    {
        _ = WaitParameter.TryParse(text, out var wait);
        _ = LimitParameter.TryParse(text, out var limit);
        _ = EffectiveWindow.Read(text, text, Now);
        return wait <= WaitParameter.Longest && limit is >= 1 and <= LimitParameter.Most;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Without_parameters_the_next_48_hours_are_asked_for()
    {
        var (window, problem) = EffectiveWindow.Read(null, null, Now);
        Assert.Null(problem);
        Assert.Equal((Now, Now + Duration.FromHours(48)), (window!.From, window.Until));
    }

    [Theory]
    [InlineData("2027-01-15T18:00:00Z", "2027-01-15T18:00:00Z", "SEMANTIC_TIME")]
    [InlineData("2027-01-15T18:00:00Z", "2027-01-14T18:00:00Z", "SEMANTIC_TIME")]
    [InlineData("2027-01-15T18:00:00", null, "SEMANTIC_TIME")]
    [InlineData(null, "tomorrow", "SEMANTIC_TIME")]
    [InlineData("2027-01-15T18:00:00Z", "2027-03-15T18:00:00Z", "SEMANTIC_WINDOW")]
    [InlineData("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z", "SEMANTIC_TIME")]
    public void A_window_that_is_empty_too_long_or_no_time_is_refused(string? from, string? until, string expected)
    {
        var (window, problem) = EffectiveWindow.Read(from, until, Now);
        Assert.Null(window);
        Assert.Equal(Problems.TypePrefix + expected, problem!.Type);
    }

    [Fact]
    public void The_last_instant_there_is_can_be_asked_for() =>
        Assert.NotNull(EffectiveWindow.Read("9999-12-31T00:00:00Z", null, Now).Window);
}
