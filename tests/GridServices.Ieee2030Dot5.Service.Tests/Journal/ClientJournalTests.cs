using GridServices.Ieee2030Dot5.Service.Journal;
using GridServices.UtilityClients.Journal;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Service.Tests.Journal;

public sealed class ClientJournalTests
{
    private static readonly Instant Start = Instant.FromUtc(2027, 1, 15, 18, 0);

    [Fact]
    public void Polls_of_several_resources_that_bring_nothing_new_are_counted_onto_the_rows_that_did()
    {
        using var journal = new JournalBuffer(1_000);
        for (var round = 0; round < 5; round++)
        {
            journal.Add(Poll("/dcap", "a", round));
            journal.Add(Poll("/derp/1/derc", "b", round));
        }

        var rows = journal.Unstored();

        Assert.Equal([("/dcap", 5L), ("/derp/1/derc", 5L)], rows.Cast<ExchangeRow>().Select(r => (r.Href, r.Times)));
        Assert.Equal(Start + Duration.FromMinutes(4), rows[0].LastAt);
    }

    [Fact]
    public void A_changed_reply_an_error_and_whatever_carries_a_body_are_rows_of_their_own()
    {
        using var journal = new JournalBuffer(1_000);
        journal.Add(Poll("/dcap", "a", 0));
        journal.Add(Poll("/dcap", "b", 1));
        journal.Add(Poll("/dcap", "b", 2) with { HttpStatus = 500 });
        journal.Add(Poll("/rsp", "c", 3) with { Method = "POST", RequestBody = [1] });
        journal.Add(Poll("/rsp", "c", 4) with { Method = "POST", RequestBody = [1] });

        Assert.Equal(5, journal.Unstored().Count);
    }

    [Fact]
    public void What_is_stored_waits_no_more_and_is_counted_up_by_its_id()
    {
        using var journal = new JournalBuffer(1_000);
        journal.Add(Poll("/dcap", "a", 0));
        journal.Stored(journal.Unstored(), [7]);
        Assert.Equal(0, journal.Waiting);

        journal.Add(Poll("/dcap", "a", 1));

        var row = Assert.Single(journal.Unstored());
        Assert.Equal((7L, 2L), (row.Id!.Value, row.Times));
        Assert.Null(((ExchangeRow)row).ReplyBody);
    }

    [Fact]
    public void What_is_counted_while_a_commit_runs_is_not_lost()
    {
        using var journal = new JournalBuffer(1_000);
        journal.Add(Poll("/dcap", "a", 0));
        var writing = journal.Unstored();
        journal.Add(Poll("/dcap", "a", 1));

        journal.Stored(writing, [7]);

        Assert.Equal((7L, 2L), journal.Unstored().Select(r => (r.Id!.Value, r.Times)).Single());
    }

    [Fact]
    public void While_the_store_is_away_the_oldest_rows_give_way()
    {
        using var journal = new JournalBuffer(1_000);
        for (var i = 0; i < 3_000; i++)
        {
            journal.Add(Poll($"/{i}", "a", i));
        }

        Assert.Equal(1_000, journal.Waiting);
        Assert.Equal("/2999", ((ExchangeRow)journal.Unstored()[^1]).Href);
    }

    [Fact]
    public void Of_a_long_body_the_beginning_is_kept() =>
        Assert.Equal(ExchangeRow.MostBodyBytes, ExchangeRow.Truncate(new byte[ExchangeRow.MostBodyBytes + 1]).Length);

    private static ExchangeRow Poll(string href, string sha256, int minute) => new()
    {
        FirstAt = Start + Duration.FromMinutes(minute),
        LastAt = Start + Duration.FromMinutes(minute),
        Direction = MessageDirection.Sent,
        Method = "GET",
        Href = href,
        Purpose = "read",
        HttpStatus = 200,
        Sha256 = sha256,
        ReplyBody = [1],
    };
}
