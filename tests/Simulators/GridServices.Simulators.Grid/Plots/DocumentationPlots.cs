using System.Globalization;
using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Curves;
using GridServices.FrequencyResponse.Performance;
using GridServices.Simulators.Grid.Assets;
using GridServices.Simulators.Grid.ClosedLoop;
using GridServices.Simulators.Grid.Meters;
using GridServices.Simulators.Grid.Traces;

namespace GridServices.Simulators.Grid.Plots;

/// <summary>The plots of docs/frequency.md, each from a run or from the catalog; drawn again by <c>plots --out docs/frequency</c>.</summary>
public static class DocumentationPlots
{
    private const string Blue = "#1f77b4";
    private const string Orange = "#e07b00";
    private const string Green = "#2a8a3a";
    private const string Red = "#c0392b";
    private const string Grey = "#777777";

    /// <summary>File name and how to draw it.</summary>
    public static IReadOnlyDictionary<string, Func<string>> Plots { get; } = new Dictionary<string, Func<string>>(StringComparer.Ordinal)
    {
        ["curves-50hz.svg"] = Curves,
        ["closed-loop-gb-dc.svg"] = Containment,
        ["delay-error.svg"] = DelayError,
        ["meter-lost.svg"] = MeterLost,
        ["voltage-collapse.svg"] = Collapse,
        ["nordic-ffr.svg"] = FastReserve,
        ["ev-staircase.svg"] = Staircase,
    };

    public static int Write(string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var (file, draw) in Plots)
        {
            File.WriteAllText(Path.Combine(folder, file), draw());
            Console.WriteLine($"{file} drawn.");
        }

        File.WriteAllText(Path.Combine(folder, CatalogPage.FileName), CatalogPage.Draw());
        return 0;
    }

    /// <summary>GB DC on a dip: meter 0.1 s late, set-point 0.1 s on its way, battery 50 ms.</summary>
    public static ClosedLoopRun ContainmentRun() => ClosedLoopRun.Simulate(new ClosedLoopSpec
    {
        Service = Service("GB-DCL"),
        Trace = Events.Named("dip"),
        Seconds = 70,
    });

    private static string Curves() => new SvgChart(
        "Response by frequency, 50 Hz services", "Hz", 49.4, 50.6,
        new SvgPanel("share of quantity", -1.1, 1.1,
        [
            Curve("GB DC", Blue, "GB-DCL", "GB-DCH"), Curve("GB DM", Orange, "GB-DML", "GB-DMH"), Curve("GB DR", Green, "GB-DRL", "GB-DRH"),
            Curve("CE FCR", Red, "CE-FCR"), Curve("FCR-N", Grey, "NORDIC-FCR-N"), Curve("FCR-D", "#8e44ad", "NORDIC-FCR-D-UP", "NORDIC-FCR-D-DN"),
        ])).Draw();

    private static string Containment()
    {
        var run = ContainmentRun();
        var points = run.Points.Where(p => p.Second is >= 9 and <= 17).ToList();
        return new SvgChart(
            Titled($"GB DC Low, closed loop: settlement error {run.Error:0.0000} (meter 0.1 s, transport 0.1 s, battery 50 ms)"), "s", 9, 17,
            new SvgPanel("Hz", 49.5, 50.05, [Line("grid", Blue, points, p => p.GridHz)]),
            new SvgPanel("share of quantity", -0.05, 0.9,
            [
                new SvgSeries("allowed", Green, Xy(points, p => p.LowerPu), Xy(points, p => p.UpperPu)),
                Line("set-point", Orange, points, p => p.CommandW / 50_000, dashed: true), Line("battery", Blue, points, p => p.ResponseW / 50_000),
            ])).Draw();
    }

    private static string DelayError()
    {
        var service = Service("GB-DCL");
        double[] delays = [.. Enumerable.Range(0, 25).Select(i => i * 0.05)];
        return new SvgChart(
            "Settlement error of GB DC by the delay of the whole path: faster is not better", "s from frequency to power", 0, 1.2,
            new SvgPanel("error", 0, 0.8,
            [
                new SvgSeries("step of 400 mHz", Red, [.. delays.Select(d => (d, DelayedError(service, Events.Named("step"), d)))]),
                new SvgSeries("dip of 450 mHz", Blue, [.. delays.Select(d => (d, DelayedError(service, Events.Named("dip"), d)))]),
            ])).Draw();
    }

    private static string MeterLost() => Loop(
        "The meter falls silent at 20 s: hold, ramp to baseline, let go; back with two valid samples at 70 s", "GB-DCL", Events.Named("loss"), 5, 90, 49.5, 50.05);

    private static string Collapse() => Loop(
        "Voltage collapse: the response ends with the voltage, not with the frequency", "GB-DCL", Events.Named("collapse"), 15, 45, 39, 51);

    private static string FastReserve() => Loop(
        "Nordic FFR 49.5 Hz: latched, short support, release at 20 %/s", "NORDIC-FFR-49.5",
        LinesTrace.Create("dip", (0, 50), (10, 50), (12, 49.45), (13, 49.6), (40, 49.9)), 5, 40, 49.4, 50.05);

    private static string Staircase()
    {
        const double Quantity = 50_000;
        var service = Service("NORDIC-FCR-D-UP");
        var run = ClosedLoopRun.Simulate(new ClosedLoopSpec
        {
            Service = service,
            QuantityW = Quantity,
            Seconds = 120,
            Chargers = new EvPoolSpec(),
            Trace = LinesTrace.Create("slow fall", (0, 50), (10, 49.92), (90, 49.5), (120, 49.5)),
            Meter = new MeterSpec { PeriodSeconds = 0.1, NoiseHz = 0 },
        });
        return new SvgChart(
            "Ten one-way chargers sell FCR-D upwards: whole amps from 6 A up, or nothing", "s", 0, 120,
            new SvgPanel("Hz", 49.45, 50.05, [Line("grid", Blue, run.Points, p => p.GridHz)]),
            new SvgPanel("share of quantity", -0.05, 1.25,
            [
                new SvgSeries("-5 %/+10 %", Green, Xy(run.Points, p => service.Curve!.Evaluate(p.GridHz) - 0.05), Xy(run.Points, p => service.Curve!.Evaluate(p.GridHz) + 0.1)),
                Line("chargers", Blue, run.Points, p => p.ResponseW / Quantity),
            ])).Draw();
    }

    private static string Loop(string title, string service, GridTrace trace, double from, double until, double leastHz, double mostHz)
    {
        var run = ClosedLoopRun.Simulate(new ClosedLoopSpec { Service = Service(service), Trace = trace, Seconds = until });
        var points = run.Points.Where(p => p.Second >= from).ToList();
        return new SvgChart(
            title, "s", from, until,
            new SvgPanel("Hz", leastHz, mostHz, [Line("grid", Blue, points, p => p.GridHz)]),
            new SvgPanel("share", -0.05, 1.1,
            [
                Line("voltage", Grey, points, p => p.VoltagePu, dashed: true), Line("set-point", Orange, points, p => p.CommandW / 50_000, dashed: true),
                Line("battery", Blue, points, p => p.ResponseW / 50_000),
            ])).Draw();
    }

    private static double DelayedError(ServiceDefinition service, GridTrace trace, double delay)
    {
        var scorer = new GbDynamicScorer(GbDynamicRule.For(service), service.Curve!);
        for (var i = 0; i < 20 * 60; i++)
        {
            scorer.Add(trace.At(i * 0.05).Hz, service.Curve!.Evaluate(trace.At((i * 0.05) - delay + 1e-9).Hz));
        }

        return scorer.Error;
    }

    private static SvgSeries Curve(string label, string colour, params string[] ids)
    {
        var sum = ResponseCurve.Sum([.. ids.Select(id => (Service(id).Curve!, 1.0))]);
        return new SvgSeries(label, colour, [.. Enumerable.Range(0, 241).Select(i => 49.4 + (i * 0.005)).Select(hz => (hz, sum.Evaluate(hz)))]);
    }

    private static SvgSeries Line(string label, string colour, IReadOnlyList<LoopPoint> points, Func<LoopPoint, double> of, bool dashed = false) =>
        new(label, colour, Xy(points, of), Dashed: dashed);

    private static List<(double X, double Y)> Xy(IReadOnlyList<LoopPoint> points, Func<LoopPoint, double> of) => [.. points.Select(p => (p.Second, of(p)))];

    private static ServiceDefinition Service(string id) => ServiceCatalog.BuiltIn.Find(id)!;

    private static string Titled(FormattableString title) => title.ToString(CultureInfo.InvariantCulture);
}
