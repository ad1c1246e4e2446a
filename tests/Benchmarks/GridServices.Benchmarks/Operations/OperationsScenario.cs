using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;

namespace GridServices.Benchmarks.Operations;

/// <summary>
/// Operations with 10,000 sites, 30,000 enrollments and 500 users: import, provisioning at a real OpenAdr service, every page and list. Arguments: sites (10000), VENs to provision (500).
/// </summary>
internal static class OperationsScenario
{
    private const int Rounds = 30;

    private static readonly string[] Pages =
    [
        "/", "/sites", "/sites?q=depot", "/sites/{site}", "/enrollments", "/enrollments?state=testing", "/enrollments/{enrollment}", "/events", "/calendar", "/billing", "/compliance", "/controllers", "/certificates", "/imports", "/audit", "/settings", "/enroll",
        "/enroll?program=OPENADR-PLAIN", "/v1/sites?limit=100", "/v1/enrollments?limit=100", "/v1/enrollments/{enrollment}/status", "/v1/audit?limit=100",
    ];

    public static async Task<int> RunAsync(string[] args)
    {
        var sites = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 10_000;
        var vens = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 500;
        await using var rig = await OperationsRig.StartAsync();
        await rig.AddUsersAsync(500);
        await rig.AddProgramsAsync();
        await ImportAsync(rig, "sites", Sites(sites));
        await ImportAsync(rig, "meters", Meters(sites));
        foreach (var program in OperationsRig.Programs)
        {
            await ImportAsync(rig, "enrollments", Enrollments(sites, program));
        }

        await ProvisionAsync(rig, vens);
        await VisibleAsync(rig);
        await PagesAsync(rig);
        Console.WriteLine("Bars: 10,000 enrollments imported < 60 s; provisioning >= 50 VENs/s; a change visible <= 5 s; pages < 500 ms p95; the first page < 300 ms and < 200 kB.");
        return 0;
    }

    private static async Task ImportAsync(OperationsRig rig, string kind, string csv)
    {
        var (clock, cpu) = (Stopwatch.StartNew(), Process.GetCurrentProcess().TotalProcessorTime);
        using var content = new StringContent(csv, Encoding.UTF8, new MediaTypeHeaderValue("text/csv"));
        var import = await OperationsRig.ReadAsync(await rig.Api.PostAsync(new Uri($"/v1/imports?kind={kind}&dryRun=false", UriKind.Relative), content));
        var done = import;
        while ((string)done["state"]! is "queued" or "running")
        {
            await Task.Delay(50);
            done = await rig.GetAsync($"/v1/imports/{import["id"]}");
        }

        Console.WriteLine($"import of {done["total"]} {kind}: {clock.Elapsed.TotalSeconds:0.0} s, {(int)done["total"]! / clock.Elapsed.TotalSeconds:0} rows/s, {(Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalSeconds:0.0} s of CPU; {done["applied"]} applied, {done["warnings"]} with warnings, {done["errors"]} faulty");
    }

    private static async Task ProvisionAsync(OperationsRig rig, int count)
    {
        var ids = await rig.ReadyEnrollmentsAsync(OperationsRig.Programs[0], count);
        foreach (var id in ids)
        {
            await rig.DemandReadyAsync(id);
            await rig.ActAsync(id, "submit", "{}");
            await rig.ActAsync(id, "accept", """{"reference":"U-1"}""");
        }

        var (clock, cpu) = (Stopwatch.StartNew(), Process.GetCurrentProcess().TotalProcessorTime);
        await Parallel.ForEachAsync(ids, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (id, _) => await rig.ActAsync(id, "provision", "{}"));
        var asked = clock.Elapsed;
        while (await rig.CountAsync("/v1/enrollments?filter=state:testing&limit=1000") < Math.Min(ids.Count, 1_000))
        {
            await Task.Delay(100);
        }

        Console.WriteLine($"provisioning of {ids.Count} VENs: {clock.Elapsed.TotalSeconds:0.0} s ({asked.TotalSeconds:0.0} s until all were asked for), {ids.Count / clock.Elapsed.TotalSeconds:0} VENs/s, {(Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalSeconds:0.0} s of CPU of Operations, OpenAdr and the VTN together");
    }

    /// <summary>A VEN that is taken away at its service by hand, until the lamp of its enrollment says so.</summary>
    private static async Task VisibleAsync(OperationsRig rig)
    {
        var id = (string)(await rig.GetAsync("/v1/enrollments?filter=state:testing&limit=1"))["items"]![0]!["id"]!;
        var site = (string)(await rig.GetAsync($"/v1/enrollments/{id}"))["siteId"]!;
        while ((string)(await rig.GetAsync($"/v1/enrollments/{id}/status"))["lamps"]!["registered"]!["state"]! != "on")
        {
            await Task.Delay(100);
        }

        var before = await LampAsync(rig, id);
        await rig.RemoveVenAsync(site);
        var clock = Stopwatch.StartNew();
        while (await LampAsync(rig, id) == before)
        {
            await Task.Delay(20);
        }

        Console.WriteLine($"a VEN taken away at its service: seen at the enrollment after {clock.Elapsed.TotalSeconds:0.0} s");
    }

    private static async Task<string> LampAsync(OperationsRig rig, string id) => (string)(await rig.GetAsync($"/v1/enrollments/{id}/status"))["lamps"]!["registered"]!["state"]!;

    private static async Task PagesAsync(OperationsRig rig)
    {
        await rig.SignInAsync();
        var site = (string)(await rig.GetAsync("/v1/sites?limit=1"))["items"]![0]!["siteId"]!;
        var enrollment = (string)(await rig.GetAsync("/v1/enrollments?filter=state:testing&limit=1"))["items"]![0]!["id"]!;
        foreach (var template in Pages)
        {
            var path = template.Replace("{site}", site, StringComparison.Ordinal).Replace("{enrollment}", enrollment, StringComparison.Ordinal);
            var times = new List<double>();
            var bytes = 0;
            for (var i = 0; i < Rounds; i++)
            {
                var clock = Stopwatch.StartNew();
                bytes = await rig.SizeAsync(path);
                times.Add(clock.Elapsed.TotalMilliseconds);
            }

            var first = times[0];
            times.Sort();
            Console.WriteLine($"{template,-40} median {times[times.Count / 2],6:0.0} ms, p95 {times[(int)(times.Count * 0.95)],6:0.0} ms, first {first,6:0.0} ms, {bytes / 1000.0,6:0.0} kB");
        }
    }

    private static string Sites(int count) => "site_id,customer_name,site_name,address1,city,region,postcode,country,time_zone,import_max_kw,export_max_kw,phases,tags\n"
        + string.Concat(Enumerable.Range(1, count).Select(i => $"depot-{i},Customer {i % 200},Depot {i},{i} Main St,Oakland,CA,94607,US,America/Los_Angeles,80,0,3,west\n"));

    private static string Meters(int count) => "site_id,scheme,identifier,account_no,meter_no,kind,interval_min,tariff_id,data_source\n"
        + string.Concat(Enumerable.Range(1, count).Select(i => $"depot-{i},OTHER,M-{i},,,utility,15,,telemetry\n"));

    private static string Enrollments(int count, string program) => "site_id,program_code,period_from,meter_identifier,ven_name,answers_json\n"
        + string.Concat(Enumerable.Range(1, count).Select(i => $"depot-{i},{program},2026-01-01,M-{i},depot-{i},\"{{\"\"peakDemandKw\"\":100,\"\"levelOneKw\"\":60,\"\"levelTwoKw\"\":30,\"\"levelThreeKw\"\":10}}\"\n"));
}
