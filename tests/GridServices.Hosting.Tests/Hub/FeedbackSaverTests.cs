using Dapper;
using GridServices.Hosting.Hub;
using GridServices.Hosting.Storage;
using GridServices.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using NodaTime;

namespace GridServices.Hosting.Tests.Hub;

public sealed class FeedbackSaverTests
{
    [Fact]
    public async Task A_database_that_refuses_the_cursor_ends_no_publisher_and_gets_it_later()
    {
        await using var place = await TestStores.OpenAsync(Dialect.Sqlite, typeof(FeedbackSaverTests).Assembly);
        var time = new ManualTimeProvider();
        var progress = new FeedbackProgress(place.Store, new FakeClock(time));
        progress.Add("cursor-1", Task.CompletedTask);
        using var saver = new FeedbackSaver(progress, time, NullLogger<FeedbackSaver>.Instance);
        await saver.StartAsync(TestContext.Current.CancellationToken);

        // The table is not there yet, which no store calls "away".
        for (var round = 0; round < 3; round++)
        {
            await Until.HoldsAsync(() => time.Waiting > 0 || saver.ExecuteTask!.IsCompleted);
            Assert.False(saver.ExecuteTask!.IsCompleted);
            time.Advance(Duration.FromSeconds(2));
        }

        await place.Store.WriteAsync(tx => tx.Connection!.ExecuteAsync(
            "CREATE TABLE feedback_cursors (hub TEXT PRIMARY KEY, cursor TEXT NOT NULL, updated_at BIGINT NOT NULL)", transaction: tx));
        await Until.HoldsAsync(async () =>
        {
            time.Advance(Duration.FromSeconds(2));
            return await place.Store.ReadAsync(db => db.QuerySingleOrDefaultAsync<string?>("SELECT cursor FROM feedback_cursors"));
        }, cursor => cursor == "cursor-1");
        await saver.StopAsync(CancellationToken.None);
    }
}
