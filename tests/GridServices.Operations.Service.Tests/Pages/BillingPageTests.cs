using System.Net;
using System.Text.Json.Nodes;
using GridServices.Operations.Access;
using GridServices.Operations.Service.Tests.Money;
using GridServices.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace GridServices.Operations.Service.Tests.Pages;

/// <summary>One click bills a month once, whatever becomes of its answer.</summary>
public sealed class BillingPageTests
{
    [Fact]
    public async Task A_form_that_is_sent_again_starts_no_second_run()
    {
        await using var money = await MoneyInstallation.StartAsync();
        await money.ReadJulyAsync();
        using var vera = await Visitor.SignedInAsync(money.Operations, UserRole.Admin);
        Assert.Matches("name=\"once\" value=\"[^\"]{36}\"", await vera.HtmlAsync("/billing?month=2025-07"));

        // The first answer is lost; the page then shows the form with what the first try was for.
        var (path, _) = await vera.PostAsync("/billing?month=2025-07", "/billing", ("month", "2025-07"), ("once", "form-1"));
        Assert.EndsWith("done=1", path, StringComparison.Ordinal);
        (path, _) = await vera.PostAsync("/billing?month=2025-07", "/billing", ("month", "2025-07"), ("once", "form-1"), ("resettles", string.Empty));
        Assert.EndsWith("done=1", path, StringComparison.Ordinal);
        Assert.Single((await money.Operations.GetAsync("/v1/billing-runs?month=2025-07"))["items"]!.AsArray());

        // Of one meter alike.
        var bill = $"/billing/{money.MeterPoint}/2025-07";
        await vera.PostAsync(bill, bill, ("once", "form-2"), ("resettles", string.Empty));
        await vera.PostAsync(bill, bill, ("once", "form-2"), ("resettles", string.Empty));
        Assert.Equal(2, (await money.Operations.GetAsync("/v1/billing-runs?month=2025-07"))["items"]!.AsArray().Count);
    }

    [Fact]
    public async Task What_is_settled_again_is_shown_with_the_form_and_a_form_that_shows_what_is_so_no_more_starts_nothing()
    {
        await using var money = await MoneyInstallation.StartAsync();
        await money.ReadJulyAsync();
        using var vera = await Visitor.SignedInAsync(money.Operations, UserRole.Admin);
        var bill = $"/billing/{money.MeterPoint}/2025-07";
        Assert.All([await vera.HtmlAsync("/billing?month=2025-07"), await vera.HtmlAsync(bill)], html => Assert.Contains("name=\"settles\" value=\"\"", html, StringComparison.Ordinal));
        var (path, _) = await vera.PostAsync(bill, bill, ("once", "form-1"), ("settles", string.Empty));
        Assert.EndsWith("done=1", path, StringComparison.Ordinal);
        await Until.HoldsAsync(() => vera.HtmlAsync(bill), html => html.Contains($"name=\"settles\" value=\"", StringComparison.Ordinal) && !html.Contains("name=\"settles\" value=\"\"", StringComparison.Ordinal));
        var run = (string)(await RunsAsync(money)).Single()!["runId"]!;
        Assert.All([await vera.HtmlAsync("/billing?month=2025-07"), await vera.HtmlAsync(bill)], html => Assert.Contains($"name=\"settles\" value=\"{run}\"", html, StringComparison.Ordinal));

        // The answer was lost and the same form is sent anew, or it is of a page that is no longer so: nothing is billed against what is not there any more.
        foreach (var (page, to, month) in new[] { (bill, bill, "2025-07"), ("/billing?month=2025-07", "/billing", "2025-07") })
        {
            var (_, html) = await vera.PostAsync(page, to, ("month", month), ("once", "form-1"), ("settles", string.Empty));
            Assert.Contains("was billed since this page was read", html, StringComparison.Ordinal);
            Assert.DoesNotContain("value=\"form-1\"", html, StringComparison.Ordinal);
            Assert.Contains($"name=\"settles\" value=\"{run}\"", html, StringComparison.Ordinal);
        }

        Assert.Single(await RunsAsync(money));
        await vera.PostAsync(bill, bill, ("once", "form-2"), ("settles", run));
        Assert.Equal([run], (await RunsAsync(money)).Select(r => (string?)r!["request"]!["resettles"]).OfType<string>());
    }

    private static async Task<JsonArray> RunsAsync(MoneyInstallation money) => (await money.Operations.GetAsync("/v1/billing-runs?month=2025-07"))["items"]!.AsArray();

    [Fact]
    public async Task Where_it_cannot_be_read_what_is_billed_already_nothing_is_billed_beside_it()
    {
        var started = 0;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var tariffs = builder.Build();
        tariffs.MapPost("{**any}", () =>
        {
            Interlocked.Increment(ref started);
            return Results.Accepted();
        });
        tariffs.MapFallback(() => Results.Problem(statusCode: StatusCodes.Status503ServiceUnavailable));
        await tariffs.StartAsync(TestContext.Current.CancellationToken);
        await using var operations = await OperationsUnderTest.StartAsync(null, null, $"--Services:Tariffs:Url={tariffs.Urls.First()}", "--Services:Tariffs:Token=x");
        await operations.SiteAsync(await operations.CustomerAsync());
        var meter = await operations.PostAsync("/v1/meter-points", """
            { "siteId": "site-1", "kind": "utility", "scheme": "OTHER", "identifier": "N-1", "intervalMinutes": 15, "tariffMeterId": "m-1", "tariffId": "depot" }
            """, HttpStatusCode.Created);
        using var vera = await Visitor.SignedInAsync(operations, UserRole.Admin);
        foreach (var (page, to) in new[] { ($"/billing/{meter["id"]}/2025-07", $"/billing/{meter["id"]}/2025-07"), ("/billing?month=2025-07", "/billing") })
        {
            Assert.DoesNotContain("name=\"settles\"", await vera.HtmlAsync(page), StringComparison.Ordinal);
            var (_, html) = await vera.PostAsync(page, to, ("month", "2025-07"), ("once", "form-1"), ("settles", string.Empty));
            Assert.Contains("Nothing was billed", html, StringComparison.Ordinal);
            Assert.DoesNotContain("name=\"resettles\"", html, StringComparison.Ordinal);
        }

        Assert.Equal(0, started);
    }

    [Fact]
    public async Task Where_the_service_is_away_the_form_keeps_its_name()
    {
        await using var operations = await OperationsUnderTest.StartAsync(null, null, "--Services:Tariffs:Url=http://127.0.0.1:9", "--Services:Tariffs:Token=x");
        await operations.SiteAsync(await operations.CustomerAsync());
        await operations.PostAsync("/v1/meter-points", """
            { "siteId": "site-1", "kind": "utility", "scheme": "OTHER", "identifier": "N-1", "intervalMinutes": 15, "tariffMeterId": "m-1", "tariffId": "depot" }
            """, HttpStatusCode.Created);
        using var vera = await Visitor.SignedInAsync(operations, UserRole.Admin);
        var (_, html) = await vera.PostAsync("/billing?month=2025-07", "/billing", ("month", "2025-07"), ("once", "form-1"));
        Assert.Contains("name=\"once\" value=\"form-1\"", html, StringComparison.Ordinal);
    }
}
