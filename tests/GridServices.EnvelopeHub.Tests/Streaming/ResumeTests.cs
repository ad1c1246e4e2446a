using FsCheck;
using FsCheck.Fluent;
using GridServices.Contracts;
using GridServices.EnvelopeHub.Streaming;

namespace GridServices.EnvelopeHub.Tests.Streaming;

public sealed class ResumeTests
{
    [Theory]
    [InlineData(null, typeof(Resume.Fresh))]
    [InlineData("", typeof(Resume.Fresh))]
    [InlineData("e1.10", typeof(Resume.After))]
    [InlineData("e1.20", typeof(Resume.After))]
    [InlineData("15", typeof(Resume.After))]
    [InlineData("e1.9", typeof(Resume.Gone))]
    [InlineData("e1.21", typeof(Resume.Gone))]
    [InlineData("e2.15", typeof(Resume.Gone))]
    [InlineData("-1", typeof(Resume.Gone))]
    [InlineData("0", typeof(Resume.Gone))]
    [InlineData("99999999999999999999999", typeof(Resume.Gone))]
    [InlineData("-99999999999999999999999", typeof(Resume.Gone))]
    [InlineData("AAAA////", typeof(Resume.Invalid))]
    [InlineData("e1.", typeof(Resume.Invalid))]
    [InlineData(".5", typeof(Resume.Invalid))]
    [InlineData("e1.1.5x", typeof(Resume.Invalid))]
    [InlineData("e 1.5", typeof(Resume.Invalid))]
    [InlineData("e1.0x10", typeof(Resume.Invalid))]
    [InlineData("-", typeof(Resume.Invalid))]
    [InlineData("١٥", typeof(Resume.Invalid))]
    public void A_cursor_is_taken_found_gone_or_refused(string? text, Type expected) =>
        Assert.IsType(expected, Resume.Decide(text, "e1", head: 20, trimmedTo: 10, hasPast: false));

    // After a rewind the same numbers are given out again; a reader that names no epoch would skip what it has not seen.
    [Theory]
    [InlineData("15", typeof(Resume.Gone))]
    [InlineData("0", typeof(Resume.Gone))]
    [InlineData("e1.15", typeof(Resume.After))]
    [InlineData("", typeof(Resume.Fresh))]
    public void A_cursor_that_names_no_epoch_is_no_longer_taken_once_there_were_others(string text, Type expected) =>
        Assert.IsType(expected, Resume.Decide(text, "e1", head: 20, trimmedTo: 10, hasPast: true));

    [Fact]
    public void A_cursor_that_was_sent_is_understood_and_never_skips() =>
        Prop.ForAll(Gen.Choose(0, 30).ToArbitrary(), Gen.Choose(0, 30).ToArbitrary(), Gen.Choose(0, 30).ToArbitrary(), (cursor, head, trimmed) =>
        {
            var decided = Resume.Decide(new Cursor("e1", cursor).ToString(), "e1", head, trimmed, hasPast: true);
            return decided is Resume.After after ? after.Sequence == cursor && cursor <= head && cursor >= trimmed : cursor > head || cursor < trimmed;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_text_is_decided_without_an_exception() =>
        Prop.ForAll(ArbMap.Default.ArbFor<string?>(), text => Resume.Decide(text, "e1", 20, 10, hasPast: false) is not null).QuickCheckThrowOnFailure();
}
