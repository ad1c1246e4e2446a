using Dapper;
using GridServices.Operations.Bulk;
using GridServices.Operations.Service.Import;
using GridServices.Operations.Service.Storage;

namespace GridServices.Operations.Service.Tests.Import;

/// <summary>Rows as they are applied, step by step.</summary>
public sealed class ImportRunnerTests
{
    private const string Sites = "site_id,customer_name,site_name,address1,city,postcode,country,time_zone,import_max_kw,tags\r\n";
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_dry_run_checks_each_row_and_writes_nothing_and_the_real_one_goes_on_where_it_was_cut_off()
    {
        await using var parts = await OperationsParts.MakeAsync();
        var csv = Sites + string.Concat(Enumerable.Range(1, 230).Select(i => $"depot-{i},Example Foods,Depot {i},Hauptstr. 1,Berlin,10115,DE,{(i % 100 == 7 ? "Mars/Olympus" : "Europe/Berlin")},80,\r\n"));
        var dry = await QueuedAsync(parts, BulkKind.Sites, csv, isDryRun: true);
        await parts.Get<ImportRunner>().RunAsync("default", dry, Ct);
        Assert.Equal(("done", 230L, 227L, 3L), await EndAsync(parts, dry));
        Assert.Equal(0, await parts.Get<SiteStore>().CountAsync("default", new ListQuery(1), Ct));

        // Cut off after its first step: the hundred rows and how far it is are one commit.
        var real = await QueuedAsync(parts, BulkKind.Sites, csv);
        using var cut = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        using (var watch = parts.Get<ChangeFeed>().Subscribe("default"))
        {
            var running = parts.Get<ImportRunner>().RunAsync("default", real, cut.Token);
            while (await watch.Reader.ReadAsync(Ct) is not { Kind: "import" })
            {
            }

            await cut.CancelAsync();
            await Record.ExceptionAsync(() => running);
        }

        var (state, done, _, _) = await EndAsync(parts, real);

        // Whole steps; where the cut came late, all of them without the end.
        Assert.True(state == "done" || done is 100 or 200 or 230, $"{state} {done}");
        await parts.Get<ImportRunner>().RunAsync("default", real, Ct);
        Assert.Equal(("done", 230L, 227L, 3L), await EndAsync(parts, real));
        Assert.Equal(227, await parts.Get<SiteStore>().CountAsync("default", new ListQuery(1), Ct));
        var result = await parts.Get<ImportRunner>().ResultAsync("default", (await parts.Get<ImportStore>().FindAsync("default", real, Ct))!, Ct);
        Assert.Equal(3, result.Split("\r\n").Count(l => l.Contains(",error,", StringComparison.Ordinal) && l.Contains("time_zone", StringComparison.Ordinal)));

        // What is done is not done again.
        await parts.Get<ImportRunner>().RunAsync("default", real, Ct);
        var again = await QueuedAsync(parts, BulkKind.Sites, csv);
        await parts.Get<ImportRunner>().RunAsync("default", again, Ct);
        var unchanged = (await parts.Get<ImportStore>().FindAsync("default", again, Ct))!;
        Assert.Equal((0L, 227L, 3L), (unchanged.Applied, unchanged.Unchanged, unchanged.Errors));
    }

    [Fact]
    public async Task A_cancelled_import_does_no_further_row_and_says_so_in_its_result()
    {
        await using var parts = await OperationsParts.MakeAsync();
        var id = await QueuedAsync(parts, BulkKind.Sites, Sites + "depot-1,Example Foods,Depot 1,Hauptstr. 1,Berlin,10115,DE,Europe/Berlin,80,\r\n");
        await parts.WriteAsync(transaction => ImportRunner.EndAsync(transaction, id, "cancelled"));
        await parts.Get<ImportRunner>().RunAsync("default", id, Ct);
        Assert.Equal(0, await parts.Get<SiteStore>().CountAsync("default", new ListQuery(1), Ct));
        var item = (await parts.Get<ImportStore>().FindAsync("default", id, Ct))!;
        Assert.Contains(",cancelled,", await parts.Get<ImportRunner>().ResultAsync("default", item, Ct), StringComparison.Ordinal);

        // Who cancels twice, or after the end, changes nothing.
        await parts.WriteAsync(transaction => ImportRunner.EndAsync(transaction, id, "done"));
        Assert.Equal("cancelled", (await parts.Get<ImportStore>().FindAsync("default", id, Ct))!.State);
    }

    [Fact]
    public async Task Each_kind_of_row_is_made_changed_and_refused_by_name_without_harm_to_the_others()
    {
        await using var parts = await OperationsParts.MakeAsync();
        await parts.SitesAsync("depot-1");
        var meters = await RunAsync(parts, BulkKind.Meters, "site_id,scheme,identifier,kind,interval_min\r\ndepot-1,OTHER,M-1,utility,15\r\ndepot-9,OTHER,M-9,utility,15\r\ndepot-1,OTHER,M-2,submeter,60\r\n");
        Assert.Equal(["applied", "error", "applied"], meters.Select(r => r.Status));
        Assert.Contains("line 3", meters[1].Message, StringComparison.Ordinal);
        Assert.Equal([15, 60], (await parts.Get<MeterPointStore>().ListBySiteAsync("default", "depot-1", Ct)).Select(m => m.IntervalMinutes).Order());
        Assert.Equal(["applied"], (await RunAsync(parts, BulkKind.Meters, "site_id,scheme,identifier,kind,interval_min\r\ndepot-1,OTHER,M-1,utility,30\r\n")).Select(r => r.Status));
        Assert.Equal([30, 60], (await parts.Get<MeterPointStore>().ListBySiteAsync("default", "depot-1", Ct)).Select(m => m.IntervalMinutes).Order());

        const string people = "customer_name,role,name,email,phone,channels\r\n";
        var contacts = await RunAsync(parts, BulkKind.Contacts, people + "Example Foods,eventPrimary,Anna,anna@example.com,,email\r\nNobody Ltd,eventPrimary,Ben,ben@example.com,,email\r\nExample Foods,eventBackup,Carl,carl@example.com,,sms\r\n");
        Assert.Equal(["applied", "error", "error"], contacts.Select(r => r.Status));
        Assert.Contains("customer_name is no customer of this tenant; import its sites first", contacts[1].Message, StringComparison.Ordinal);
        Assert.Contains("phone", contacts[2].Message, StringComparison.Ordinal);

        // The hour that the clock change leaves out is no time, and the one that comes twice is none that one could know.
        const string plans = "site_id,from_local,until_local,direction,reason\r\n";
        var told = await RunAsync(parts, BulkKind.OptPlans, plans + "depot-1,2027-07-01T10:00,2027-07-01T12:00,out,economic\r\ndepot-1,2027-03-28T02:30,2027-03-28T05:00,out,economic\r\ndepot-1,2027-10-31T02:30,2027-10-31T05:00,out,economic\r\ndepot-2,2027-07-01T10:00,2027-07-01T12:00,out,economic\r\n");
        Assert.Equal(["applied", "error", "error", "error"], told.Select(r => r.Status));
        Assert.Contains("from_local", told[1].Message, StringComparison.Ordinal);
        Assert.Contains("is no site of this tenant", told[3].Message, StringComparison.Ordinal);
        Assert.Equal(NodaTime.Instant.FromUtc(2027, 7, 1, 8, 0), (await parts.Get<OptPlanStore>().ListEndingAfterAsync("default", NodaTime.Instant.MinValue, Ct)).Single().From);

        // A site's limit that the file leaves out stays.
        var site = await RunAsync(parts, BulkKind.Sites, Sites + "depot-1,Example Foods,Renamed,Hauptstr. 1,Berlin,10115,DE,Europe/Berlin,,west|north\r\n");
        Assert.NotEqual("error", site.Single().Status);
        var held = (await parts.Get<SiteStore>().FindBySiteIdAsync("default", "depot-1", Ct))!;
        Assert.Equal(("Renamed", 80_000L, "west north"), (held.Name, held.Connection.ImportMaxW, string.Join(' ', held.Tags)));
    }

    [Fact]
    public async Task An_import_that_can_t_be_worked_off_is_named_and_keeps_no_later_one_waiting()
    {
        await using var parts = await OperationsParts.MakeAsync();
        const string row = "depot-1,Example Foods,Depot 1,Hauptstr. 1,Berlin,10115,DE,Europe/Berlin,80,\r\n";
        var (strange, changed) = (await QueuedAsync(parts, BulkKind.Sites, Sites + row), await QueuedAsync(parts, BulkKind.Sites, Sites + row));
        var good = await QueuedAsync(parts, BulkKind.Sites, Sites + row);
        await parts.WriteAsync(transaction => transaction.Tx.Connection!.ExecuteAsync("UPDATE imports SET kind = 'x' WHERE id = @strange", new { strange }, transaction.Tx));
        await parts.WriteAsync(transaction => transaction.Tx.Connection!.ExecuteAsync("UPDATE imports SET content_sealed = 'v1:gone:AA==' WHERE id = @changed", new { changed }, transaction.Tx));
        var told = await Assert.ThrowsAsync<AggregateException>(() => parts.Get<ImportJob>().RunAsync(Ct));
        Assert.All([strange, changed], id => Assert.Contains($"import {id}: ", told.ToString(), StringComparison.Ordinal));
        Assert.Equal(("done", 1L, 1L, 0L), await EndAsync(parts, good));
        Assert.Equal(("queued", 0L, 0L, 0L), await EndAsync(parts, strange));
    }

    private static async Task<IReadOnlyList<ImportRowResult>> RunAsync(OperationsParts parts, BulkKind kind, string csv)
    {
        var id = await QueuedAsync(parts, kind, csv);
        await parts.Get<ImportRunner>().RunAsync("default", id, Ct);
        return await parts.Get<ImportStore>().RowsAsync("default", id, Ct);
    }

    private static async Task<string> QueuedAsync(OperationsParts parts, BulkKind kind, string csv, bool isDryRun = false) =>
        (await parts.WriteAsync(transaction => parts.Get<ImportStore>().AddAsync(transaction, new ImportFile(kind, "rows.csv", csv, isDryRun)))).Id;

    private static async Task<(string State, long Done, long Applied, long Errors)> EndAsync(OperationsParts parts, string id) =>
        (await parts.Get<ImportStore>().FindAsync("default", id, Ct))! is var item ? (item.State, item.Done, item.Applied, item.Errors) : default;
}
