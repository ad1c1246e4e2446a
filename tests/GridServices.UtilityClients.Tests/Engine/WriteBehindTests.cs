using System.Text.Json;
using Dapper;
using GridServices.Contracts;
using GridServices.Hosting.Clustering;
using GridServices.Hosting.Hub;
using GridServices.Hosting.Storage;
using GridServices.Testing;
using GridServices.UtilityClients.Tests.Rig;
using Microsoft.Extensions.Logging.Abstractions;
using NodaTime;

namespace GridServices.UtilityClients.Tests.Engine;

public sealed class WriteBehindTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, ClassData(typeof(BothDatabases))]
    public async Task What_waits_is_written_and_then_how_far_the_feedback_is_applied(Dialect dialect)
    {
        await using var rig = await EngineRig.StartAsync(dialect);
        var progress = new FeedbackProgress(rig.Store, rig.Clock);
        using var writer = Writer(rig, progress);
        var (a, b) = (await rig.PutAsync("a", "site-1"), await rig.PutAsync("b", "site-2"));
        await a.SubmitAsync(new CountingInput("count", 2), Ct);
        await b.SubmitAsync(new CountingInput("count", 3), Ct);
        progress.Add("cursor-1", Task.CompletedTask);

        await writer.WriteAsync(Ct);

        Assert.Equal((0, 2), await rig.StoredAsync("a"));
        Assert.Equal((0, 3), await rig.StoredAsync("b"));
        Assert.False(a.HasUnsaved);
        Assert.Equal("cursor-1", await CursorAsync(rig));
    }

    [Fact]
    public async Task The_cursor_waits_while_an_engine_could_not_be_written()
    {
        await using var rig = await EngineRig.StartAsync();
        var progress = new FeedbackProgress(rig.Store, rig.Clock);
        using var writer = Writer(rig, progress);
        var loop = await rig.PutAsync("a", "site-1");
        await loop.SubmitAsync(new CountingInput("count"), Ct);
        progress.Add("cursor-1", Task.CompletedTask);

        using (loop.TryTakeUnsaved())
        {
            // Somebody else holds what the engine has to write.
            await writer.WriteAsync(Ct);
            Assert.Null(await CursorAsync(rig));
        }

        await writer.WriteAsync(Ct);
        Assert.Equal("cursor-1", await CursorAsync(rig));
    }

    [Fact]
    public async Task A_store_that_is_away_loses_nothing()
    {
        await using var rig = await EngineRig.StartAsync();
        var progress = new FeedbackProgress(rig.Store, rig.Clock);
        using var writer = Writer(rig, progress);
        var loop = await rig.PutAsync("a", "site-1");
        await loop.SubmitAsync(new CountingInput("count"), Ct);
        progress.Add("cursor-1", Task.CompletedTask);
        rig.Protocol.IsStoreAway = true;

        await writer.WriteAsync(Ct);

        Assert.True(loop.HasUnsaved);
        Assert.Null(await CursorAsync(rig));
        rig.Protocol.IsStoreAway = false;
        await writer.WriteAsync(loop, Ct);
        Assert.Equal((0, 1), await rig.StoredAsync("a"));
    }

    [Fact]
    public async Task An_engine_whose_row_the_database_refuses_does_not_keep_the_others_from_disk()
    {
        await using var rig = await EngineRig.StartAsync();
        var progress = new FeedbackProgress(rig.Store, rig.Clock);
        using var writer = Writer(rig, progress);
        foreach (var key in new[] { "a", "b", "c", "d", "e" })
        {
            await (await rig.PutAsync(key, $"site-{key}")).SubmitAsync(new CountingInput("count"), Ct);
        }

        progress.Add("cursor-1", Task.CompletedTask);
        await RunAsync(rig, "CREATE TRIGGER broken BEFORE UPDATE ON engine_states WHEN NEW.engine_key = 'c' BEGIN SELECT RAISE(ABORT, 'broken'); END");

        await writer.WriteAsync(Ct);

        foreach (var (key, stored) in new[] { ("a", 1), ("b", 1), ("c", 0), ("d", 1), ("e", 1) })
        {
            Assert.Equal((0, stored), await rig.StoredAsync(key));
        }

        Assert.Null(await CursorAsync(rig));
        await RunAsync(rig, "DROP TRIGGER broken");
        await writer.WriteAsync(Ct);
        Assert.Equal((0, 1), await rig.StoredAsync("c"));
        Assert.Equal("cursor-1", await CursorAsync(rig));
    }

    [Fact]
    public async Task A_database_that_refuses_the_cursor_does_not_end_the_service()
    {
        await using var rig = await EngineRig.StartAsync();
        var progress = new FeedbackProgress(rig.Store, rig.Clock);
        using var writer = Writer(rig, progress);
        progress.Add("cursor-1", Task.CompletedTask);
        await RunAsync(rig, "CREATE TRIGGER broken BEFORE INSERT ON feedback_cursors BEGIN SELECT RAISE(ABORT, 'broken'); END");

        await writer.WriteAsync(Ct);

        Assert.Null(await CursorAsync(rig));
        await RunAsync(rig, "DROP TRIGGER broken");
        await writer.WriteAsync(Ct);
        Assert.Equal("cursor-1", await CursorAsync(rig));
    }

    [Fact]
    public async Task An_engine_that_was_started_elsewhere_does_not_hold_up_the_others()
    {
        await using var rig = await EngineRig.StartAsync();
        using var writer = Writer(rig, new FeedbackProgress(rig.Store, rig.Clock));
        var id = (await rig.PutAsync("a", "site-1")).Id;
        await rig.Host.StopEngineAsync(id);
        await rig.Host.StartEngineAsync(id, fence: 1, Ct);
        Assert.True(rig.Host.TryGet(id, out var fenced));
        var other = await rig.PutAsync("b", "site-2");
        await fenced.SubmitAsync(new CountingInput("count"), Ct);
        await other.SubmitAsync(new CountingInput("count"), Ct);
        await rig.Store.WriteAsync(tx => EngineFence.RequireAsync(tx, id, 2), Ct);

        await writer.WriteAsync(Ct);
        await writer.WriteAsync(Ct);

        Assert.Equal((0, 0), await rig.StoredAsync("a"));
        Assert.Equal((0, 1), await rig.StoredAsync("b"));
    }

    [Fact]
    public async Task Feedback_that_was_under_way_when_following_begins_anew_holds_up_nothing()
    {
        await using var rig = await EngineRig.StartAsync();
        var progress = new FeedbackProgress(rig.Store, rig.Clock);
        await progress.SaveAsync("cursor-5", Ct);
        progress.Add("cursor-1", Task.CompletedTask);
        progress.Add("cursor-2", Task.FromCanceled(new CancellationToken(canceled: true)));

        Assert.Equal("cursor-5", await progress.LoadAsync(Ct));
        Assert.Null(progress.Reached);
        progress.Add("cursor-6", Task.CompletedTask);
        Assert.Equal("cursor-6", progress.Reached);
    }

    [Fact]
    public async Task Placed_readings_count_as_taken_once_a_commit_under_way_is_over_and_they_are_stored()
    {
        await using var rig = await EngineRig.StartAsync();
        rig.Protocol.ReadingsAre = "count";
        var loop = await rig.PutAsync("a", "site-1");
        await loop.SubmitAsync(new CountingInput("count"), Ct);
        var older = loop.TryTakeUnsaved()!;
        var taking = rig.Host.ApplyFeedbackAsync(new PlacedKey("default", "a"), Items(rig));
        await Until.HoldsAsync(() => loop.View.State.Deferred == 2);
        Assert.False(taking.IsCompleted);

        await UnsavedChanges.WriteAsync(rig.Store, [older], rig.Clock.GetCurrentInstant(), Ct);
        Assert.True(await taking);
        Assert.Equal((0, 2), await rig.StoredAsync("a"));
    }

    [Fact]
    public async Task Placed_readings_for_an_engine_that_was_started_elsewhere_or_stopped_are_not_taken()
    {
        await using var rig = await EngineRig.StartAsync();
        rig.Protocol.ReadingsAre = "count";
        var (id, key) = ((await rig.PutAsync("a", "site-1")).Id, new PlacedKey("default", "a"));
        await rig.Host.StopEngineAsync(id);
        await rig.Host.StartEngineAsync(id, fence: 1, Ct);
        Assert.True(await rig.Host.ApplyFeedbackAsync(key, Items(rig)));
        await rig.Store.WriteAsync(tx => EngineFence.RequireAsync(tx, id, 2), Ct);

        Assert.False(await rig.Host.ApplyFeedbackAsync(key, Items(rig)));
        Assert.False(await rig.Host.ApplyFeedbackAsync(key, Items(rig)));
        Assert.Equal((0, 1), await rig.StoredAsync("a"));
        await rig.Host.StopEngineAsync(id);
        Assert.False(await rig.Host.ApplyFeedbackAsync(key, Items(rig)));
    }

    private static byte[] Items(EngineRig rig) => JsonSerializer.SerializeToUtf8Bytes<IReadOnlyList<FeedbackItem>>(
        [new() { SiteId = "site-1", Reading = new Reading { At = rig.Clock.GetCurrentInstant(), NetPowerW = 1 } }], ContractJson.Options);

    [Fact]
    public async Task The_journal_is_kept_within_its_bounds()
    {
        await using var rig = await EngineRig.StartAsync();
        var retention = new JournalRetention(rig.Host, rig.With, new JournalOptions { KeepRows = 3, KeepDays = 1 });
        var loop = await rig.PutAsync("a", "site-1");
        var now = rig.Clock.GetCurrentInstant();
        await rig.Store.WriteAsync(tx => rig.With.Journal.WriteAsync(tx, loop.Id, [Letter.At(now - Duration.FromDays(3)), .. Enumerable.Range(0, 5).Select(_ => Letter.At(now))]), Ct);

        await retention.RunAsync(Ct);

        Assert.Equal(3, (await rig.With.Journal.ReadAsync<Letter>(loop.Id, long.MaxValue, 100, Ct)).Count);
    }

    private static WriteBehind Writer(EngineRig rig, FeedbackProgress progress) => new(
        rig.Host, rig.With, progress, new JournalOptions(), NullLogger<WriteBehind>.Instance);

    private static Task<int> RunAsync(EngineRig rig, string sql) => rig.Store.WriteAsync(tx => tx.Connection!.ExecuteAsync(sql, transaction: tx), Ct);

    private static Task<string?> CursorAsync(EngineRig rig) => rig.Store.ReadAsync(db => db.QuerySingleOrDefaultAsync<string?>("SELECT cursor FROM feedback_cursors"), Ct);
}
