using System.Xml.Linq;
using GridServices.FrequencyResponse.Catalog;
using GridServices.Simulators.Grid.ClosedLoop;
using GridServices.Simulators.Grid.Plots;
using GridServices.Simulators.Grid.Traces;

namespace GridServices.FrequencyResponse.Tests.Simulation;

public sealed class PlotTests
{
    [Fact]
    public void Every_plot_is_drawn_and_lies_beside_the_page()
    {
        foreach (var (file, draw) in DocumentationPlots.Plots)
        {
            using var drawn = new StringReader(draw());
            using var reader = System.Xml.XmlReader.Create(drawn);
            var svg = XDocument.Load(reader).Root!;
            Assert.Equal("svg", svg.Name.LocalName);
            Assert.DoesNotContain("NaN", svg.ToString(), StringComparison.Ordinal);
            Assert.True(File.Exists(Path.Combine(Page.Folder, "frequency", file)), $"docs/frequency/{file} is missing; run: dotnet run --project tests/Simulators/GridServices.Simulators.Grid -- plots --out docs/frequency");
            Assert.Contains($"(frequency/{file})", Page.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Closed_loop_of_containment_has_an_error_of_at_most_one_per_cent()
    {
        Assert.InRange(DocumentationPlots.ContainmentRun().Error, 0, 0.01);
        foreach (var name in new[] { "step", "dip", "gb-2019", "sine" })
        {
            var run = ClosedLoopRun.Simulate(new ClosedLoopSpec { Service = ServiceCatalog.BuiltIn.Find("GB-DCL")!, Trace = Events.Named(name), Seconds = 120 });
            Assert.True(run.Error <= 0.01, $"{name}: {run.Error}");
        }
    }

    [Fact]
    public void Response_ends_when_the_voltage_collapses_and_when_the_meter_is_lost()
    {
        var collapse = ClosedLoopRun.Simulate(new ClosedLoopSpec { Service = ServiceCatalog.BuiltIn.Find("GB-DCL")!, Trace = Events.Named("collapse"), Seconds = 60 });
        Assert.Contains(collapse.Points, p => p.Second < 27 && p.ResponseW > 45_000);
        Assert.All(collapse.Points.Where(p => p.Second > 35), p => Assert.InRange(p.ResponseW, -1, 1));
        var loss = ClosedLoopRun.Simulate(new ClosedLoopSpec { Service = ServiceCatalog.BuiltIn.Find("GB-DCL")!, Trace = Events.Named("loss"), Seconds = 90 });
        Assert.Contains(loss.Points, p => p.Second < 20 && p.ResponseW > 20_000);
        Assert.All(loss.Points.Where(p => p.Second is > 26 and < 70), p => Assert.InRange(p.ResponseW, -1, 1));

        // What was asked for before the loss is not given when the meter comes back at 49.9 Hz.
        Assert.All(loss.Points.Where(p => p.Second >= 70), p => Assert.InRange(p.ResponseW, -1, 0.03 * 50_000));
    }

    [Fact]
    public void Same_run_twice_is_the_same()
    {
        var (one, two) = (DocumentationPlots.ContainmentRun(), DocumentationPlots.ContainmentRun());
        Assert.Equal(one.Points, two.Points);
        Assert.Equal(one.Error, two.Error);
    }
}
