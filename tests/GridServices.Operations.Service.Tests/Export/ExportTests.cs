using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Dapper;
using GridServices.Hosting.Storage;
using GridServices.Operations.Service.Export;
using GridServices.Operations.Service.Feeds;
using GridServices.Testing;
using NodaTime;

namespace GridServices.Operations.Service.Tests.Export;

public sealed class ExportTests
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    [Theory, ClassData(typeof(BothDatabases))]
    public async Task The_audit_is_exported_as_it_is_in_the_list_with_the_hash_of_the_file(Dialect dialect)
    {
        await using var place = TestStores.Create(dialect);
        await using var service = await OperationsUnderTest.StartAsync(place);
        await service.SiteAsync(await service.CustomerAsync());
        const string span = "\"from\": \"2020-01-01T00:00:00Z\", \"until\": \"2100-01-01T00:00:00Z\"";
        var csv = await DoneAsync(service, $$"""{ "kind": "audit", {{span}} }""");
        var text = await service.Http.GetStringAsync(new Uri($"/v1/exports/{(string)csv["id"]!}/content", UriKind.Relative), Ct);
        Assert.StartsWith("seq,at,actor,", text, StringComparison.Ordinal);
        Assert.Contains("customer.created", text, StringComparison.Ordinal);
        Assert.Contains("site.created", text, StringComparison.Ordinal);
        Assert.Equal((string)csv["sha256"]!, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))));
        Assert.Equal(text.Split("\r\n").Length - 2, (int)csv["rows"]!);

        foreach (var kind in new[] { "enrollments", "events", "compliance" })
        {
            var json = await DoneAsync(service, $$"""{ "kind": "{{kind}}", "format": "json", {{span}} }""");
            Assert.Empty((await service.GetAsync($"/v1/exports/{(string)json["id"]!}/content")).AsArray());
        }

        await service.PostAsync("/v1/exports", """{ "kind": "audit", "from": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z" }""", HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task A_file_that_can_t_be_made_says_so_and_keeps_neither_others_nor_old_ones()
    {
        var clock = new FakeClock(Instant.FromUtc(2026, 7, 1, 15, 0));
        await using var parts = await OperationsParts.MakeAsync(clock);
        await parts.SitesAsync("depot-1");
        var span = new Interval(Instant.FromUtc(2020, 1, 1, 0, 0), Instant.FromUtc(2100, 1, 1, 0, 0));
        Task<ExportItem> AddAsync(ExportKind kind) => parts.WriteAsync(transaction => ExportStore.AddAsync(transaction, kind, ExportFormat.Csv, span));
        Task SqlAsync(string sql, string id) => parts.WriteAsync(transaction => transaction.Tx.Connection!.ExecuteAsync(sql, new { id }, transaction.Tx));
        var old = await AddAsync(ExportKind.Audit);
        clock.Advance(Duration.FromDays(31));
        var (refused, strange, good) = (await AddAsync(ExportKind.Audit), await AddAsync(ExportKind.Sites), await AddAsync(ExportKind.Audit));
        await SqlAsync("UPDATE sites SET body = 'null' WHERE site_id = @id", "depot-1");
        await SqlAsync($"CREATE TRIGGER broken BEFORE UPDATE ON exports WHEN NEW.id = '{refused.Id}' BEGIN SELECT RAISE(ABORT, 'broken'); END", string.Empty);
        var told = await Assert.ThrowsAsync<AggregateException>(() => parts.Get<ExportJob>().RunAsync(Ct));
        Assert.Contains($"export {refused.Id}: ", told.ToString(), StringComparison.Ordinal);
        var exports = parts.Get<ExportStore>();
        Assert.Null(await exports.FindAsync("default", old.Id, Ct));
        Assert.Equal("done", (await exports.FindAsync("default", good.Id, Ct))!.State);
        Assert.Equal("queued", (await exports.FindAsync("default", refused.Id, Ct))!.State);
        var failed = (await exports.FindAsync("default", strange.Id, Ct))!;
        Assert.Equal(("failed", true), (failed.State, failed.Problem?.Length > 0));
    }

    [Fact]
    public void A_calendars_lines_are_folded_and_its_texts_escaped()
    {
        var at = Instant.FromUtc(2026, 7, 1, 15, 0);
        var text = CalendarFeed.Write("Grid", [new CalendarEntry("e1", at, at + Duration.FromHours(2), "ELRP, A;2", new string('ü', 100) + "\nline", Cancelled: true, 3, at)]);
        Assert.All(text.Split("\r\n"), line => Assert.True(Encoding.UTF8.GetByteCount(line) <= 75));
        Assert.Contains("SUMMARY:ELRP\\, A\\;2\r\n", text, StringComparison.Ordinal);
        Assert.Contains("DTSTART:20260701T150000Z\r\n", text, StringComparison.Ordinal);
        Assert.Contains("STATUS:CANCELLED\r\n", text, StringComparison.Ordinal);
        Assert.Contains(new string('ü', 100) + "\\nline", text.Replace("\r\n ", string.Empty, StringComparison.Ordinal), StringComparison.Ordinal);
    }

    private static async Task<JsonNode> DoneAsync(OperationsUnderTest service, string body)
    {
        var id = (string)(await service.PostAsync("/v1/exports", body, HttpStatusCode.Accepted))["id"]!;
        return await Until.HoldsAsync(() => service.GetAsync($"/v1/exports/{id}"), item => (string)item["state"]! == "done");
    }
}
