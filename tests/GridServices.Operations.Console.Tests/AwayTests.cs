using GridServices.Operations.Access;
using Microsoft.Playwright;
using NodaTime;

namespace GridServices.Operations.Console.Tests;

[Collection(BrowserTests.Name)]
public sealed class AwayTests(Browser browser)
{
    [Fact]
    public async Task Play_11_while_the_services_are_away_no_page_breaks()
    {
        await using var console = await ConsoleService.StartAsync(browser);
        await console.AddUserAsync(UserRole.Admin);
        await Samples.SiteAsync(console);
        var enrollment = await Samples.EnrollmentAsync(console, "depot-1");
        var held = await Samples.EventAsync(console, SystemClock.Instance.GetCurrentInstant() + Duration.FromHours(1), Duration.FromHours(2), "depot-1");
        var page = await console.SignedInAsync("admin");
        foreach (var path in new[]
        {
            "/", "/sites", "/sites/depot-1", "/enrollments", $"/enrollments/{enrollment.Id}", "/enroll", "/events", $"/events/{held.Id}", "/calendar", "/certificates", "/imports", "/audit", "/settings",
        })
        {
            var answer = await page.GotoAsync(path);
            Assert.True(answer!.Status == 200, $"{path}: {answer.Status}");
            await Assertions.Expect(page.Locator("main h1")).ToHaveCountAsync(1);
        }
    }
}
