using GridServices.Hosting.Storage;
using GridServices.OpenAdr.Service.Journal;
using GridServices.Testing;
using GridServices.UtilityClients.Engine;
using GridServices.UtilityClients.Journal;
using NodaTime;

namespace GridServices.OpenAdr.Service.Tests.Journal;

public sealed class RetentionTests
{
    private static readonly Instant Start = Instant.FromUtc(2027, 1, 1, 0, 0);
    private static readonly EngineId Ven = new("default", "site-1");

    [Theory, ClassData(typeof(BothDatabases))]
    public async Task The_journal_keeps_the_newest_rows_of_each_VEN_and_none_that_are_too_old(Dialect dialect)
    {
        var ct = TestContext.Current.CancellationToken;
        await using var place = await TestStores.OpenAsync(dialect, typeof(OpenAdrApp).Assembly);
        var messages = new JournalStore(place.Store, MessageRow.Table);
        var other = new EngineId("default", "site-2");
        foreach (var ven in new[] { Ven, other })
        {
            await place.Store.WriteAsync(tx => messages.WriteAsync(tx, ven, [.. Enumerable.Range(0, 10).Select(Row)]), ct);
        }

        await messages.TrimAsync(Ven, 4, ct);
        Assert.Equal([9, 8, 7, 6], (await messages.ReadAsync<MessageRow>(Ven, long.MaxValue, 100, ct)).Select(GetDay));
        Assert.Equal(10, (await messages.ReadAsync<MessageRow>(other, long.MaxValue, 100, ct)).Count);

        await messages.DeleteOlderAsync(Start + Duration.FromDays(8), ct);
        Assert.Equal([9, 8], (await messages.ReadAsync<MessageRow>(Ven, long.MaxValue, 100, ct)).Select(GetDay));
        Assert.Equal([9, 8], (await messages.ReadAsync<MessageRow>(other, long.MaxValue, 100, ct)).Select(GetDay));
    }

    [Fact]
    public void Equal_polls_are_one_row_and_a_stored_row_is_counted_on()
    {
        using var journal = new JournalBuffer(mostWaiting: 100);
        journal.Add(Row(0) with { Repeatable = true });
        journal.Add(Row(1) with { Repeatable = true });
        var first = Assert.Single(journal.Unstored());
        Assert.Equal((2, Start, Start + Duration.FromDays(1)), (first.Times, first.FirstAt, first.LastAt));

        journal.Stored([first], [7]);
        Assert.Empty(journal.Unstored());
        journal.Add(Row(2) with { Repeatable = true });
        var again = Assert.Single(journal.Unstored());
        Assert.Equal((7L, 3L), (again.Id, again.Times));

        journal.Add(Row(3) with { Message = "oadrDistributeEvent" });
        journal.Add(Row(4) with { Repeatable = true });
        Assert.Equal([7L, null, null], journal.Unstored().Select(r => r.Id));
    }

    private static MessageRow Row(int day) => new()
    {
        FirstAt = Start + Duration.FromDays(day),
        LastAt = Start + Duration.FromDays(day),
        Direction = MessageDirection.Sent,
        Service = "OadrPoll",
        Message = "oadrPoll",
        Body = [1],
    };

    private static int GetDay(JournalRow row) => (int)(row.FirstAt - Start).TotalDays;
}
