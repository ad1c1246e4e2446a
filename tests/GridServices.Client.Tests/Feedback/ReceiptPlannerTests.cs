using GridServices.Contracts;
using static GridServices.Client.Tests.Samples;

namespace GridServices.Client.Tests.Receipts;

public sealed class ReceiptPlannerTests
{
    private static readonly Envelope Later = Envelope(Dr, 1, 30_000, null, fromS: 60, untilS: 120);
    private ReceiptBook book = ReceiptBook.Empty;

    [Fact]
    public void An_envelope_is_received_accepted_started_and_completed_each_once()
    {
        Assert.Equal([ReceiptState.Received, ReceiptState.Accepted], Said(0, Later));
        Assert.Empty(Said(59, Later));
        Assert.Equal([ReceiptState.Started], Said(60, Later));
        Assert.Empty(Said(119, Later));
        Assert.Equal([ReceiptState.Completed], Said(120, Later));
        Assert.Empty(Said(500, Later));
    }

    [Fact]
    public void An_open_ended_envelope_never_completes_by_itself()
    {
        Said(60, Envelope(Dr, 1, 30_000, null, fromS: 60));
        Assert.Empty(Said(864_000, Envelope(Dr, 1, 30_000, null, fromS: 60)));
    }

    [Fact]
    public void A_stream_withdrawn_while_it_ran_is_completed()
    {
        Said(60, Later);
        Assert.Equal([ReceiptState.Completed], Said(90));
        Assert.Empty(book.Entries);
    }

    [Fact]
    public void A_stream_withdrawn_before_it_ran_is_not_completed()
    {
        Said(0, Later);
        Assert.Empty(Said(90));
    }

    [Fact]
    public void A_later_revision_starts_anew_in_the_place_of_the_earlier()
    {
        Said(60, Later);
        Assert.Equal([ReceiptState.Received, ReceiptState.Accepted, ReceiptState.Started], Said(90, Envelope(Dr, 2, 20_000, null, fromS: 60, untilS: 120)));
    }

    [Fact]
    public void A_limit_that_cannot_be_kept_is_told_once_with_the_deficit()
    {
        Said(60, Later);
        var (next, due) = ReceiptPlanner.Plan(book, Held(Later), [new Shortfall(Later.EnvelopeId, 1_500, "base load")], At(61));
        var receipt = Assert.Single(due);
        Assert.Equal((ReceiptState.CannotComply, 1_500, "base load"), (receipt.State, receipt.DeficitW, receipt.Reason));
        Assert.Empty(ReceiptPlanner.Plan(next, Held(Later), [new Shortfall(Later.EnvelopeId, 9_000)], At(62)).Due);
    }

    [Fact]
    public void A_shortfall_of_an_envelope_nobody_holds_is_not_told() =>
        Assert.Empty(ReceiptPlanner.Plan(book, Held(), [new Shortfall(Guid.Empty, 5)], At(0)).Due);

    [Fact]
    public void What_ended_before_anybody_was_told_is_never_acknowledged_and_what_goes_on_is()
    {
        book = ReceiptPlanner.Withheld(book, Held(Later), At(119));
        book = ReceiptPlanner.Withheld(book, Held(Later), At(120));
        Assert.Empty(Said(130, Later));
        Assert.Equal([ReceiptState.Received, ReceiptState.Accepted, ReceiptState.Started], Said(140, Later, Envelope(Fcr, 1, 30_000, null)));
        Assert.Empty(Said(150, Envelope(Fcr, 1, 30_000, null)));
    }

    [Fact]
    public void What_had_begun_is_completed_once_somebody_is_told_again()
    {
        Said(60, Later);
        book = ReceiptPlanner.Withheld(book, Held(Later), At(125));
        Assert.Equal([ReceiptState.Completed], Said(130, Later));
    }

    [Fact]
    public void What_is_gone_while_nobody_is_told_is_forgotten_unless_its_end_is_owed()
    {
        book = ReceiptPlanner.Withheld(book, Held(Later), At(120));
        Assert.NotEmpty(book.Entries);
        book = ReceiptPlanner.Withheld(book, Held(), At(121));
        Assert.Empty(book.Entries);

        Said(60, Later);
        book = ReceiptPlanner.Withheld(book, Held(), At(90));
        Assert.Equal([ReceiptState.Completed], Said(91));
    }

    private static HeldSet Held(params Envelope[] envelopes) => new() { SiteId = Site, Envelopes = [.. envelopes] };

    private IEnumerable<ReceiptState> Said(int second, params Envelope[] held)
    {
        (book, var due) = ReceiptPlanner.Plan(book, Held(held), [], At(second));
        Assert.All(due, r => Assert.Equal(At(second), r.At));
        return due.Select(r => r.State);
    }
}
