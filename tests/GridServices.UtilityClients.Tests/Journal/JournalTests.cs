using GridServices.Hosting.Storage;
using GridServices.Testing;
using GridServices.UtilityClients.Tests.Rig;
using NodaTime;

namespace GridServices.UtilityClients.Tests.Journal;

public sealed class JournalTests
{
    private static readonly Instant Start = Instant.FromUtc(2027, 1, 1, 0, 0);
    private static readonly EngineId One = new("default", "one");
    private static readonly EngineId Two = new("default", "two");

    [Theory, ClassData(typeof(BothDatabases))]
    public async Task A_row_is_read_back_as_it_was_written(Dialect dialect)
    {
        var ct = TestContext.Current.CancellationToken;
        await using var place = await OpenAsync(dialect);
        var store = new JournalStore(place.Store, Letter.Table);
        var row = Letter.At(Start, "hello", 1, 2, 3) with { Direction = MessageDirection.Received, HttpStatus = 503, Problem = "no", Sha256 = "ab", Times = 4 };

        var ids = await place.Store.WriteAsync(tx => store.WriteAsync(tx, One, [row, Letter.At(Start)]), ct);

        var read = await store.ReadAsync<Letter>(One, long.MaxValue, 10, ct);
        Assert.Equal([ids[1], ids[0]], read.Select(r => r.Id!.Value));
        Assert.Equal(row with { Id = ids[0], RawBody = read[1].RawBody }, read[1]);
        Assert.Equal([1, 2, 3], read[1].RawBody);
        Assert.Equal((null, null, MessageDirection.Sent), (read[0].HttpStatus, read[0].RawBody, read[0].Direction));
        Assert.Empty(await store.ReadAsync<Letter>(Two, long.MaxValue, 10, ct));
        Assert.Equal([ids[0]], (await store.ReadAsync<Letter>(One, ids[1], 10, ct)).Select(r => r.Id!.Value));
    }

    [Theory, ClassData(typeof(BothDatabases))]
    public async Task A_stored_row_is_counted_up_in_its_place(Dialect dialect)
    {
        var ct = TestContext.Current.CancellationToken;
        await using var place = await OpenAsync(dialect);
        var store = new JournalStore(place.Store, Letter.Table);
        var id = (await place.Store.WriteAsync(tx => store.WriteAsync(tx, One, [Letter.At(Start)]), ct))[0];

        await place.Store.WriteAsync(tx => store.WriteAsync(tx, One, [Letter.At(Start) with { Id = id, Times = 9, LastAt = Start + Duration.FromDays(1) }]), ct);

        var row = Assert.Single(await store.ReadAsync<Letter>(One, long.MaxValue, 10, ct));
        Assert.Equal((id, 9, Start, Start + Duration.FromDays(1)), (row.Id!.Value, row.Times, row.FirstAt, row.LastAt));
    }

    [Theory, ClassData(typeof(BothDatabases))]
    public async Task The_newest_rows_of_each_engine_are_kept_and_none_that_are_too_old(Dialect dialect)
    {
        var ct = TestContext.Current.CancellationToken;
        await using var place = await OpenAsync(dialect);
        var store = new JournalStore(place.Store, Letter.Table);
        foreach (var engine in new[] { One, Two })
        {
            await place.Store.WriteAsync(tx => store.WriteAsync(tx, engine, [.. Enumerable.Range(0, 6).Select(day => Letter.At(Start + Duration.FromDays(day)))]), ct);
        }

        await store.TrimAsync(One, 4, ct);
        Assert.Equal(4, (await store.ReadAsync<Letter>(One, long.MaxValue, 10, ct)).Count);
        Assert.Equal(6, (await store.ReadAsync<Letter>(Two, long.MaxValue, 10, ct)).Count);

        await store.DeleteOlderAsync(Start + Duration.FromDays(5), ct);
        foreach (var engine in new[] { One, Two })
        {
            Assert.Equal(Start + Duration.FromDays(5), Assert.Single(await store.ReadAsync<Letter>(engine, long.MaxValue, 10, ct)).FirstAt);
        }
    }

    [Theory, ClassData(typeof(BothDatabases))]
    public async Task Beyond_its_size_the_oldest_rows_of_the_largest_journals_go(Dialect dialect)
    {
        var ct = TestContext.Current.CancellationToken;
        await using var place = await OpenAsync(dialect);
        var store = new JournalStore(place.Store, Letter.Table);
        foreach (var engine in new[] { One, Two })
        {
            await place.Store.WriteAsync(tx => store.WriteAsync(tx, engine, [.. Enumerable.Range(0, 3).Select(_ => Letter.At(Start, "x", new byte[10_000]))]), ct);
        }

        await store.TrimToSizeAsync(100_000, ct);
        Assert.Equal(3, (await store.ReadAsync<Letter>(One, long.MaxValue, 10, ct)).Count);

        // One of them is flooded by its utility: it pays for it alone, with its oldest.
        await place.Store.WriteAsync(tx => store.WriteAsync(tx, Two, [.. Enumerable.Range(0, 5).Select(_ => Letter.At(Start, "flood", new byte[10_000]))]), ct);
        await store.TrimToSizeAsync(65_000, ct);
        Assert.Equal(3, (await store.ReadAsync<Letter>(One, long.MaxValue, 10, ct)).Count);
        Assert.Equal(["flood", "flood", "flood"], (await store.ReadAsync<Letter>(Two, long.MaxValue, 10, ct)).Select(l => l.Subject));

        await store.TrimToSizeAsync(45_000, ct);
        Assert.Equal(2, (await store.ReadAsync<Letter>(One, long.MaxValue, 10, ct)).Count);
        Assert.Equal(2, (await store.ReadAsync<Letter>(Two, long.MaxValue, 10, ct)).Count);
    }

    [Fact]
    public void Repetitions_are_counted_onto_the_latest_row_of_their_run()
    {
        using var buffer = new JournalBuffer(10);
        for (var round = 0; round < 3; round++)
        {
            buffer.Add(Letter.At(Start + Duration.FromMinutes(round), "a"));
            buffer.Add(Letter.At(Start, "b") with { HttpStatus = round });
        }

        Assert.Equal([("a", 3L), ("b", 1L), ("b", 1L), ("b", 1L)], buffer.Unstored().Cast<Letter>().Select(r => (r.Subject, r.Times)));
        Assert.Equal(Start + Duration.FromMinutes(2), buffer.Unstored()[0].LastAt);
    }

    [Fact]
    public void What_is_counted_while_a_commit_runs_is_written_next_time_by_its_id_and_without_its_body()
    {
        using var buffer = new JournalBuffer(10);
        buffer.Add(Letter.At(Start, "a", 1));
        var writing = buffer.Unstored();
        buffer.Add(Letter.At(Start, "a", 1));

        buffer.Stored(writing, [7]);

        var row = (Letter)Assert.Single(buffer.Unstored());
        Assert.Equal((7L, 2L), (row.Id!.Value, row.Times));
        Assert.Null(row.RawBody);
        buffer.Stored(buffer.Unstored(), [7]);
        Assert.Equal(0, buffer.Waiting);
    }

    [Fact]
    public void While_the_store_is_away_the_oldest_rows_give_way()
    {
        using var buffer = new JournalBuffer(3);
        foreach (var subject in new[] { "a", "b", "c", "d" })
        {
            buffer.Add(Letter.At(Start, subject));
        }

        Assert.Equal(["b", "c", "d"], buffer.Unstored().Cast<Letter>().Select(r => r.Subject));
    }

    [Fact]
    public void A_body_that_is_no_text_is_shown_as_base64()
    {
        Assert.Equal(("<a/>", null), JournalReader.Show("<a/>"u8.ToArray()));
        Assert.Equal((null, "/w=="), JournalReader.Show([0xFF]));
        Assert.Equal((null, null), JournalReader.Show(null));
    }

    private static Task<TestStore> OpenAsync(Dialect dialect) => TestStores.OpenAsync(dialect, typeof(Store).Assembly, typeof(Letter).Assembly);
}
