using GridServices.Operations.Access;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Console.Charts;
using GridServices.Operations.Service.Console.Format;
using GridServices.Operations.Service.Console.Pages;
using GridServices.Operations.Service.Console.Texts;
using GridServices.Operations.Service.Storage;
using Microsoft.Playwright;

namespace GridServices.Operations.Console.Tests;

[Collection(BrowserTests.Name)]
public sealed class MapTests(Browser browser)
{
    private static readonly GeoPoint Berlin = new(52.52m, 13.405m);
    private static readonly GeoPoint Fiji = new(-18.1m, 178.4m);
    private static readonly GeoPoint Samoa = new(-13.8m, -171.8m);

    [Fact]
    public void North_is_up_east_is_right_and_a_kilometre_is_as_long_across_as_up()
    {
        var frame = MapFrame.Around([Berlin, new(48.14m, 11.58m)], 960, 480, 50, 0.02);
        var (berlin, munich) = (frame.Place(Berlin), frame.Place(new(48.14m, 11.58m)));
        Assert.True(berlin.Y < munich.Y && berlin.X > munich.X);
        Assert.Equal((50.0, 430.0), (Math.Round(berlin.Y, 6), Math.Round(munich.Y, 6)));

        // At the middle latitude of 50.33 degrees a degree of longitude is 0.638 of one of latitude.
        Assert.Equal(0.638, (frame.X(12) - frame.X(11)) / (frame.Y(50) - frame.Y(51)), 3);

        // One point is in the middle, of its surroundings.
        var one = MapFrame.Around([Berlin], 960, 480, 50, 0.02);
        Assert.Equal((480.0, 240.0), one.Place(Berlin));
    }

    [Fact]
    public void Sites_on_both_sides_of_the_date_line_are_neighbours()
    {
        var frame = MapFrame.Around([Fiji, Samoa], 960, 480, 50, 0.02);
        Assert.True(frame.Place(Fiji).X < frame.Place(Samoa).X);
        Assert.True(frame.DegreesWide < 60, $"{frame.DegreesWide}");
        Assert.Equal(-171.8, MapFrame.Wrap(188.2), 6);
        Assert.Equal([2.0, 5.0, 10.0, 0.5], new[] { 1.1, 3.0, 7.0, 0.3 }.Select(MapFrame.Round));
        Assert.Equal([-10.0, 0.0, 10.0], MapFrame.Steps(-14, 12, 10));
    }

    [Fact]
    public void Sites_that_would_lie_upon_one_another_are_one_mark_that_shows_the_worst_and_each_state_has_a_shape_of_its_own()
    {
        var svg = Draw(new(1, "A", Berlin, MapState.On), new(2, "B <x>", new(48.1m, 11.5m), MapState.Unknown), new(3, "C", Berlin, MapState.Off), new(4, "D", new(50m, 8m), MapState.None));
        Assert.Contains("2 sites here, a lamp is off", svg, StringComparison.Ordinal);
        Assert.Contains(">1, 3</text>", svg, StringComparison.Ordinal);
        Assert.Contains("2: B &lt;x&gt;, a lamp is unknown", svg, StringComparison.Ordinal);
        Assert.Equal([1, 1, 1, 0], new[] { "map-off", "map-unknown", "map-none", "map-on" }.Select(c => svg.Split($"\"{c}\"").Length - 1));
        Assert.Contains("&#xA0;km</text>", svg, StringComparison.Ordinal);
        Assert.DoesNotContain("style=", svg, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", svg, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_unknown_is_never_on_and_a_lamp_that_a_program_has_not_says_nothing()
    {
        Assert.Equal(MapState.None, SiteMapPage.FindState([]));
        Assert.Equal(MapState.On, SiteMapPage.FindState([Lamps(LampState.On, LampState.NotUsed, LampState.On)]));
        Assert.Equal(MapState.Unknown, SiteMapPage.FindState([Lamps(LampState.On, LampState.On, LampState.On), Lamps(LampState.On, LampState.Unknown, LampState.On)]));
        Assert.Equal(MapState.Off, SiteMapPage.FindState([Lamps(LampState.Unknown, LampState.Off, LampState.On)]));
    }

    [Fact]
    public async Task Coordinates_that_are_entered_at_a_site_put_it_on_the_map_and_half_of_them_are_refused()
    {
        await using var console = await ConsoleService.StartAsync(browser);
        await console.AddUserAsync(UserRole.Enroller);
        await Samples.SitesAsync(console, 2);
        var page = await console.SignedInAsync("enroller", new() { JavaScriptEnabled = false });
        await page.GotoAsync("/sites");
        await page.GetByRole(AriaRole.Link, new() { Name = "Map", Exact = true }).ClickAsync();
        await Assertions.Expect(page.GetByText("None of these sites has coordinates yet.")).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator("svg.chart")).ToHaveCountAsync(0);

        await page.GotoAsync("/sites/depot-7/edit");
        await page.GetByLabel("Latitude in degrees").FillAsync("95");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Assertions.Expect(page.Locator("p.error", new() { HasText = "From −90 to 90 degrees." })).ToBeVisibleAsync();
        await page.GetByLabel("Latitude in degrees").FillAsync("37.8044");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Assertions.Expect(page.Locator("p.error", new() { HasText = "Give both latitude and longitude, or neither." })).ToBeVisibleAsync();
        await page.GetByLabel("Longitude in degrees").FillAsync("-122.2712");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await page.ArrivesAsync(url => url.EndsWith("/sites/depot-7", StringComparison.Ordinal));
        Assert.Equal(new GeoPoint(37.8044m, -122.2712m), (await console.Get<SiteStore>().FindBySiteIdAsync("default", "depot-7"))!.Geo);

        await page.GotoAsync("/sites/map");
        await Assertions.Expect(page.GetByText("2 of 2 sites, 1 of them with coordinates.")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Img, new() { Name = "Map of the sites" })).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Row, new() { Name = "Depot 7" })).ToContainTextAsync("37.8044°, −122.2712°");
        await Assertions.Expect(page.GetByRole(AriaRole.Row, new() { Name = "Depot 7" })).ToContainTextAsync("no program is set up");
        var scripted = await console.SignedInAsync("enroller");
        await scripted.GotoAsync("/sites/map");
        await Axe.NoViolationsAsync(scripted);
        await page.SetViewportSizeAsync(360, 740);
        await Pages.FitAsync(page);
        await Pages.ShootAsync(page, "map-phone");

        // Who changes something else at the site does not take it off the map.
        await page.GotoAsync("/sites/depot-7/edit");
        await page.GetByLabel("City").FillAsync("Oakland");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await page.ArrivesAsync(url => url.EndsWith("/sites/depot-7", StringComparison.Ordinal));
        Assert.NotNull((await console.Get<SiteStore>().FindBySiteIdAsync("default", "depot-7"))!.Geo);
    }

    private static string Draw(params MapSite[] sites)
    {
        using var text = new StringWriter();
        new SiteMap(sites, new Numbers(Language.English), new TextSet(Language.English)).Draw("Map", "Marks").WriteTo(text, System.Text.Encodings.Web.HtmlEncoder.Default);
        return text.ToString();
    }

    private static Lamps Lamps(LampState registered, LampState opted, LampState reporting) => new(new Lamp(registered, "x", null, "x"), new Lamp(opted, "x", null, "x"), new Lamp(reporting, "x", null, "x"));
}
