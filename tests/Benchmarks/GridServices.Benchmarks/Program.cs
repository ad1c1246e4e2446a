using GridServices.Benchmarks;
using GridServices.Benchmarks.EnvelopeMerge;
using GridServices.Benchmarks.FrequencyResponse;
using GridServices.Benchmarks.OpenAdrPoll;
using GridServices.Benchmarks.OpenAdrSignatures;
using GridServices.Benchmarks.Operations;
using GridServices.Benchmarks.TariffBills;

// One entry per scenario; each prints its figures beside the baseline that it names.
var scenarios = new Dictionary<string, (Func<string[], Task<int>> Run, string What)>(StringComparer.Ordinal)
{
    ["hub-load"] = (GridServices.Benchmarks.HubLoad.LoadScenario.RunAsync, "the hub under load: latency at 1,000 streams, one event to 10,000 sites, 10,000 clients resume"),
    ["start-up"] = (StartUp.RunAsync, "cold start of everything under ./run, and its idle memory"),
    ["envelope-merge"] = (MergeScaling.RunAsync, "merge of 10, 100 and 1,000 streams of 24 segments, beside n log n"),
    ["tariff-bills"] = (BillRates.RunAsync, "bills per second at 8,760 and 35,040 intervals, open bills, a portfolio, beside NREL's ssc"),
    ["tariff-allocation"] = (AllocationScaling.RunAsync, "a month split among 1,000 to 100,000 sessions by every method: seconds and memory, beside n log n"),
    ["interval-streaming"] = (IntervalStreaming.RunAsync, "ten years of one-minute data read block by block: rows per second, the most memory"),
    ["frequency-hot-path"] = (HotPathScenario.RunAsync, "sample received to set-points sent with 1,000 and 10,000 assets, with and without real-time priority; bytes allocated"),
    ["frequency-to-hub"] = (SampleToHub.RunAsync, "sample sent by the meter to envelope at the site controller, through service and hub"),
    ["operations"] = (OperationsScenario.RunAsync, "Operations with 10,000 sites, 30,000 enrollments, 500 users: import, provisioning, a change seen, every page"),
    ["openadr-poll"] = (OpenAdrPollBenchmark.RunAsync, "CPU per empty poll, memory with 500 VENs, event to envelope; beside openleadr-python"),
    ["openadr-signatures"] = (SignatureCost.RunAsync, "CPU per signed and per verified message, beside a straightforward use of SignedXml"),
};

if (args.Length > 0 && scenarios.TryGetValue(args[0], out var scenario))
{
    return await scenario.Run(args[1..]);
}

Console.WriteLine("dotnet run -c Release --project tests/Benchmarks/GridServices.Benchmarks -- SCENARIO [options]");
foreach (var (name, entry) in scenarios)
{
    Console.WriteLine($"  {name,-18} {entry.What}");
}

return args.Length == 0 ? 0 : 1;
