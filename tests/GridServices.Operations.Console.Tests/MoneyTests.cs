using System.Text;
using GridServices.Operations.Access;
using GridServices.Testing;
using Microsoft.Playwright;
using NodaTime;

namespace GridServices.Operations.Console.Tests;

/// <summary>The money pages against the real Tariffs service.</summary>
[Collection(BrowserTests.Name)]
public sealed class MoneyTests(Browser browser)
{
    private static readonly ViewportSize Phone = new() { Width = 360, Height = 740 };

    [Fact]
    public async Task A_bill_that_is_not_there_says_so_and_once_made_says_why_and_marks_the_peak()
    {
        await using var money = await MoneySamples.StartAsync(browser);
        await money.Console.AddUserAsync(UserRole.Analyst);
        await money.ReadJulyAsync();
        var page = await money.Console.SignedInAsync("analyst");
        await page.GotoAsync($"/billing?month={MoneySamples.Month}");
        await Assertions.Expect(page.Locator("#bills")).ToContainTextAsync("not made");
        await Axe.NoViolationsAsync(page);
        await page.GetByRole(AriaRole.Link, new() { Name = "4711" }).ClickAsync();
        await Assertions.Expect(page.Locator("#bill")).ToContainTextAsync("Nothing is known to be payable");
        await Assertions.Expect(page.Locator("#bill")).Not.ToContainTextAsync("0.00");
        await Axe.NoViolationsAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Make the bill" }).ClickAsync();

        // The page is not loaded again: what says why comes with the state.
        await Assertions.Expect(page.Locator("#bill")).ToContainTextAsync("Everything in it was measured");
        await Assertions.Expect(page.Locator("#bill")).ToContainTextAsync("1,894.00\u00a0USD");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("peak set Tue 15 Jul 2025 20:00 PDT");
        await Assertions.Expect(page.Locator("svg[role=img] circle.peak")).ToHaveCountAsync(1);
        await Assertions.Expect(page.GetByRole(AriaRole.Table, new() { Name = "Day by day" }).Locator("tbody tr")).ToHaveCountAsync(31);
        await Axe.NoViolationsAsync(page);
        await Pages.ShootAsync(page, "bill");
        var csv = await (await page.Context.APIRequest.GetAsync(page.Url.Split('?')[0] + "?format=csv")).TextAsync();
        Assert.Contains("payable,,,,,,,,1894,USD", csv, StringComparison.Ordinal);

        await page.EmulateMediaAsync(new() { Media = Media.Print });
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Bill again" })).ToBeHiddenAsync();
        await page.EmulateMediaAsync(new() { Media = Media.Screen, ColorScheme = ColorScheme.Dark });
        await Axe.NoViolationsAsync(page);
        await page.SetViewportSizeAsync(Phone.Width, Phone.Height);
        await Pages.FitAsync(page);
        await page.GotoAsync($"/billing?month={MoneySamples.Month}");
        await Assertions.Expect(page.Locator("#runs")).ToContainTextAsync("1 of 1 billed");
        await Pages.FitAsync(page);
        await Axe.NoViolationsAsync(page);
    }

    [Fact]
    public async Task A_bill_over_gaps_is_provisional_and_a_viewer_sees_no_bills()
    {
        await using var money = await MoneySamples.StartAsync(browser);
        await money.Console.AddUserAsync(UserRole.Analyst);
        await money.Console.AddUserAsync(UserRole.Viewer);
        await money.ReadJulyAsync(at => at is { Day: 3, Hour: 4 });
        var page = await money.Console.SignedInAsync("analyst", new() { JavaScriptEnabled = false });
        await page.GotoAsync($"/billing?month={MoneySamples.Month}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Make the bills of this month" }).ClickAsync();
        await UntilAsync(page, "#bills", "provisional");
        await page.GotoAsync($"/billing/{money.Meter.Id}/{MoneySamples.Month}");
        await Assertions.Expect(page.Locator("#bill")).ToContainTextAsync("the amount will change");
        await Assertions.Expect(page.Locator("#bill")).ToContainTextAsync("4 intervals missing");

        var viewer = await money.Console.SignedInAsync("viewer");
        await Assertions.Expect(viewer.GetByRole(AriaRole.Link, new() { Name = "Billing" })).ToHaveCountAsync(0);
        Assert.Equal(403, (await viewer.GotoAsync($"/billing/{money.Meter.Id}/{MoneySamples.Month}"))!.Status);
    }

    [Fact]
    public async Task Play_16_an_event_is_settled_in_three_clicks_and_the_difference_to_the_statement_is_shown_by_line()
    {
        await using var money = await MoneySamples.StartAsync(browser);
        await money.Console.AddUserAsync(UserRole.Analyst);
        var (from, until) = (new LocalDateTime(2025, 7, 15, 16, 0), new LocalDateTime(2025, 7, 15, 20, 0));
        var enrollment = await money.EnrollAsync();
        await money.EventAsync(enrollment.Id, new LocalDateTime(2025, 7, 10, 16, 0), new LocalDateTime(2025, 7, 10, 18, 0));
        var held = await money.EventAsync(enrollment.Id, from, until);
        await money.ReadAsync(new LocalDateTime(2025, 6, 20, 0, 0), new LocalDateTime(2025, 7, 16, 0, 0), at => at < from || at >= until ? 100 : at.Hour == 19 ? null : 40);
        var page = await money.Console.SignedInAsync("analyst");
        await page.GotoAsync($"/events/{held.Id}");
        // Click 1: to the settlement. Click 2: settle. The result is there.
        await page.GetByRole(AriaRole.Link, new() { Name = "Settle", Exact = true }).ClickAsync();
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("has not been settled");
        await Axe.NoViolationsAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Settle now" }).ClickAsync();
        await Assertions.Expect(page.Locator("#result")).ToContainTextAsync("Preliminary");
        await Assertions.Expect(page.Locator("#result")).ToContainTextAsync("360.00\u00a0USD");
        await Assertions.Expect(page.Locator("#result")).ToContainTextAsync("3 of 4 intervals");
        await Assertions.Expect(page.Locator("#days tr", new() { HasText = "10 Jul 2025" })).ToContainTextAsync("excluded");
        await Axe.NoViolationsAsync(page);
        await Pages.ShootAsync(page, "settlement");

        await money.ReadAsync(from, until, _ => 40);
        await page.GetByRole(AriaRole.Button, new() { Name = "Settle again" }).ClickAsync();
        await Assertions.Expect(page.Locator("#result")).ToContainTextAsync("480.00\u00a0USD · 120.00\u00a0USD still due");
        await Assertions.Expect(page.Locator("#result h2")).ToContainTextAsync("Final");
        var csv = await (await page.Context.APIRequest.GetAsync($"/events/{held.Id}/settlement/depot-1?format=csv")).TextAsync();
        Assert.Contains("day excluded,2025-07-10", csv, StringComparison.Ordinal);

        // The utility's statement, pasted; click 3: compare. By line, and by interval where the statement is.
        await page.GetByLabel("Lines of the utility").FillAsync("name,quantity,unit,rate,amount\nenergy,200,kWh,2,400\nadministration fee,,,,-15\n");
        await page.GetByRole(AriaRole.Button, new() { Name = "Compare" }).ClickAsync();
        await Assertions.Expect(page.Locator("#comparison").GetByRole(AriaRole.Status)).ToHaveTextAsync("The utility pays 95.00\u00a0USD less.");
        await Assertions.Expect(page.GetByRole(AriaRole.Row, new() { Name = "energy" })).ToContainTextAsync("another quantity: 200 instead of 240 kWh");
        await Assertions.Expect(page.GetByRole(AriaRole.Row, new() { Name = "administration fee" })).ToContainTextAsync("only in the utility's statement");
        await Axe.NoViolationsAsync(page);
        await page.GetByLabel("Lines of the utility").FillAsync("name,period,quantity,unit,rate,amount\nenergy,16:00,60,kWh,2,120\nenergy,17:00,60,kWh,2,120\nenergy,18:00,40,kWh,2,80\nenergy,19:00,60,kWh,2,120\n");
        await page.GetByRole(AriaRole.Button, new() { Name = "Compare" }).ClickAsync();
        await Assertions.Expect(page.Locator("#comparison").GetByRole(AriaRole.Status)).ToHaveTextAsync("The utility pays 40.00\u00a0USD less.");
        await Assertions.Expect(page.GetByRole(AriaRole.Row, new() { Name = "energy 18:00" })).ToContainTextAsync("another quantity: 40 instead of 60 kWh");
        await Assertions.Expect(page.GetByRole(AriaRole.Row, new() { Name = "energy 16:00" })).ToContainTextAsync("the same");
        await Axe.NoViolationsAsync(page);
        await page.SetViewportSizeAsync(Phone.Width, Phone.Height);
        await Pages.FitAsync(page);
        await page.GotoAsync($"/billing?month={MoneySamples.Month}");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("480.00\u00a0USD");
    }

    [Fact]
    public async Task A_bill_is_split_among_sessions_once_the_refused_rows_are_left_out()
    {
        await using var money = await MoneySamples.StartAsync(browser);
        await money.Console.AddUserAsync(UserRole.Analyst);
        await money.ReadJulyAsync();
        var page = await money.Console.SignedInAsync("analyst");
        await page.GotoAsync($"/billing/{money.Meter.Id}/{MoneySamples.Month}/sessions");
        await Axe.NoViolationsAsync(page);
        await page.GetByLabel("How peaks are shared").SelectOptionAsync("coincidentPeak");
        await page.Locator("#file").SetInputFilesAsync(File("start,end,kWh,evse,user\n2025-07-15T20:00,2025-07-15T21:00,30,E1,Ana\n2025-07-02T08:00,2025-07-02T10:00,12.5,E2,Ben\n2025-07-04T10:00,2025-07-04T09:00,7,E2,Ana\n"));
        await page.GetByRole(AriaRole.Button, new() { Name = "Split among sessions" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("1 of 3 rows");
        await Assertions.Expect(page.Locator("table")).ToContainTextAsync("is not after the start");
        await Axe.NoViolationsAsync(page);
        await page.Locator("#file").SetInputFilesAsync(File("start,end,kWh,evse,user\n2025-07-15T20:00,2025-07-15T21:00,30,E1,Ana\n2025-07-02T08:00,2025-07-02T10:00,12.5,E2,Ben\n2025-07-04T10:00,2025-07-04T09:00,7,E2,Ana\n"));
        await page.GetByLabel("Leave rows out").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Split among sessions" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Table, new() { Name = "What each user pays" }).GetByRole(AriaRole.Row, new() { Name = "Ana" })).ToContainTextAsync("306.00\u00a0USD");
        await Assertions.Expect(page.Locator("#sum")).ToContainTextAsync("1,894.00\u00a0USD");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("No bill of this month has been made");
        await Axe.NoViolationsAsync(page);
        await Pages.ShootAsync(page, "allocation");
        Assert.Contains("Ana,1,30,306,,USD", await (await page.Context.APIRequest.GetAsync(page.Url + "?format=csv")).TextAsync(), StringComparison.Ordinal);

        // Which session, and why: 30 of the 40 kW that set the peak, and its own kWh.
        await page.GetByLabel("Session, user or charge point").FillAsync("ana");
        await page.Locator("main").GetByRole(AriaRole.Button, new() { Name = "Find", Exact = true }).ClickAsync();
        await Assertions.Expect(page.Locator("#sessions tbody tr")).ToHaveCountAsync(1);
        await page.GetByRole(AriaRole.Link, new() { Name = "row-1" }).ClickAsync();
        await Assertions.Expect(page.Locator("#payable")).ToHaveTextAsync("306.00\u00a0USD");
        var demand = page.Locator("#lines tbody tr", new() { HasText = "demand" });
        await Assertions.Expect(demand).ToContainTextAsync("75\u00a0%");
        await Assertions.Expect(demand).ToContainTextAsync("300.00\u00a0USD");
        await Assertions.Expect(demand).ToContainTextAsync("peak set Tue 15 Jul 2025 20:00 PDT");
        await demand.Locator("summary", new() { HasText = "windows" }).ClickAsync();
        await Assertions.Expect(demand).ToContainTextAsync("30\u00a0kW of the site’s 40\u00a0kW · this window set the peak");
        await Assertions.Expect(page.Locator("#lines tbody tr", new() { HasText = "energy" }).First).ToContainTextAsync("6.00\u00a0USD");
        await Axe.NoViolationsAsync(page);
        await Pages.ShootAsync(page, "session");
        await page.SetViewportSizeAsync(Phone.Width, Phone.Height);
        await Pages.FitAsync(page);
        await page.GotoAsync(page.Url.Split("/session?")[0]);
        await page.SetViewportSizeAsync(Phone.Width, Phone.Height);
        await Pages.FitAsync(page);
    }

    [Fact]
    public async Task The_utilitys_invoice_is_held_against_the_bill_line_by_line()
    {
        await using var money = await MoneySamples.StartAsync(browser);
        await money.Console.AddUserAsync(UserRole.Analyst);
        await money.ReadJulyAsync();
        var page = await money.Console.SignedInAsync("analyst");
        await page.GotoAsync($"/billing/{money.Meter.Id}/{MoneySamples.Month}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Make the bill" }).ClickAsync();
        await UntilAsync(page, "#bill", "Everything in it was measured");
        await page.GetByRole(AriaRole.Link, new() { Name = "Compare with the utility" }).ClickAsync();
        await Axe.NoViolationsAsync(page);
        await page.GetByLabel("Lines of the utility").FillAsync("name,amount\nenergy,abc\n");
        await page.GetByRole(AriaRole.Button, new() { Name = "Compare" }).ClickAsync();
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("line 2, amount 'abc'");
        await page.GetByLabel("Lines of the utility").FillAsync("name\tquantity\tunit\trate\tamount\nenergy\t7470\tkWh\t0.2\t1494\ndemand\t44\tkW\t10\t440\n");
        await page.GetByRole(AriaRole.Button, new() { Name = "Compare" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync("The utility charges 40.00\u00a0USD more.");
        await Assertions.Expect(page.GetByRole(AriaRole.Row, new() { Name = "demand" })).ToContainTextAsync("another quantity: 44 instead of 40 kW");
        await Axe.NoViolationsAsync(page);
        await Pages.ShootAsync(page, "invoice");
        await page.SetViewportSizeAsync(Phone.Width, Phone.Height);
        await Pages.FitAsync(page);
    }

    private static FilePayload File(string csv) => new() { Name = "sessions.csv", MimeType = "text/csv", Buffer = Encoding.UTF8.GetBytes(csv) };

    /// <summary>Asks the page again until the run that was started has come so far.</summary>
    private static Task<string> UntilAsync(IPage page, string part, string text) => Until.HoldsAsync(
        async () =>
        {
            await page.GotoAsync(page.Url.Split("done=")[0].TrimEnd('?', '&'));
            return await page.Locator(part).InnerTextAsync();
        },
        shown => shown.Contains(text, StringComparison.Ordinal));
}
