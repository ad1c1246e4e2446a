using System.Globalization;
using System.Text.Json.Nodes;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Performance;
using GridServices.FrequencyResponse.Service.Commands;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Recording;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.FrequencyResponse.Service.Tests.Rig;
using GridServices.Testing;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Tests.Recording;

/// <summary>What operators ask for comes as files; the log is verified and run again by the program itself.</summary>
public sealed class EvidenceFilesTests
{
    [Fact]
    public async Task What_was_measured_comes_at_regular_instants_and_the_log_is_verified_and_run_again_by_commands()
    {
        await using var rig = await FrequencyRig.ArmedAsync("GB-DCL");
        var (sent, measured) = (0, 0);
        await rig.MeasureUntilAsync(
            _ => sent < 20 ? 50 : 49.6,
            () =>
            {
                if (sent++ % 10 == 0)
                {
                    rig.Hub.Feedback.Add(($"e.{rig.Hub.Feedback.Count}", new FeedbackItem { SiteId = "site-1", Reading = new Reading { At = SystemClock.Instance.GetCurrentInstant(), AssetId = "bess-1", NetPowerW = -3_000 } }));
                }

                measured += IsMeasured(rig) ? 1 : 0;
                return sent >= 60 && measured >= 20;
            });
        var last = SystemClock.Instance.GetCurrentInstant();
        var folder = Path.Combine(rig.Folder, "evidence", "default", "bess-1");
        await rig.StopServiceAsync();
        Commands(folder);

        // Minutes later, when no reading can come any more.
        var later = new FakeClock(SystemClock.Instance.GetCurrentInstant() + Duration.FromMinutes(3));
        await rig.StartServiceAsync(later);
        var from = TimeText.Format(later.GetCurrentInstant() - Duration.FromMinutes(10));
        var fine = await rig.GetAsync($"/v1/contracts/c1/metered?step=PT0.05S&from={from}");
        var rows = fine["rows"]!.AsArray();
        Assert.Contains(rows, r => r!["meteredW"]?.GetValue<double>() == 3_000 && r["source"]!.GetValue<string>() == "telemetry");
        Assert.Contains(rows, r => r!["frequencyHz"]?.GetValue<double>() < 49.7 && r["responseW"]?.GetValue<double>() > 10_000 && r["available"]!.GetValue<bool>());
        Assert.Contains(rows, r => r!["marks"]!.AsArray().Any(m => m!.GetValue<string>() == "notRunning") && r["frequencyHz"] is null && r["meteredW"] is null);
        Assert.All(rows.Skip(1).Zip(rows), p => Assert.Equal(50, (At(p.First!) - At(p.Second!)).TotalMilliseconds));

        // A row stands on what was measured before it, also where it is the first and the segment had ended by then.
        var minute = Instant.FromUnixTimeSeconds(((last.ToUnixTimeSeconds() / 60) + 1) * 60);
        var first = await rig.GetAsync($"/v1/contracts/c1/metered?step=PT1M&from={TimeText.Format(minute)}&until={TimeText.Format(minute + Duration.FromSeconds(1))}");
        Assert.InRange(Assert.Single(first["rows"]!.AsArray())!["frequencyHz"]!.GetValue<double>(), 49, 51);

        using var client = rig.Service.Client(rig.Service.Tokens.Operator);
        string[] csv = (await client.GetStringAsync($"/v1/contracts/c1/metered?format=csv&from={from}", TestContext.Current.CancellationToken)).TrimEnd('\n').Split('\n');
        Assert.Equal(585, csv.Length);
        Assert.Contains(csv, l => l.Contains(",0.003,telemetry,", StringComparison.Ordinal));
        Assert.StartsWith("t,f_hz,p_mw", await client.GetStringAsync($"/v1/contracts/c1/metered?format=gb&from={from}", TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.StartsWith("DateTime,", await client.GetStringAsync($"/v1/contracts/c1/metered?format=nordic&from={from}", TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await DeliveryAsync(rig, client, from);
        await RefusedAsync(rig, "metered?format=xls", "format");
        await RefusedAsync(rig, "delivery?step=PT90S", "step");
        await RefusedAsync(rig, "delivery?step=P1D&from=2020-01-01T00:00:00Z", "from");
        await RefusedAsync(rig, $"delivery?until={TimeText.Format(later.GetCurrentInstant())}", "until");
        await RefusedAsync(rig, "metered?step=PT2M", "step");
        await RefusedAsync(rig, $"metered?until={TimeText.Format(later.GetCurrentInstant())}", "until");
        await RefusedAsync(rig, $"metered?step=PT0.01S&from={from}", "from");

        var availability = (await rig.GetAsync("/v1/contracts/c1/availability"))["periods"]!.AsArray();
        Assert.Contains(availability, p => p!["procuredSeconds"]!.GetValue<double>() > 0);
        Assert.StartsWith("from,until,quantity_mw", await client.GetStringAsync("/v1/contracts/c1/availability?format=csv", TestContext.Current.CancellationToken), StringComparison.Ordinal);
        string[] activations = (await client.GetStringAsync("/v1/contracts/c1/activations?format=csv", TestContext.Current.CancellationToken)).TrimEnd('\n').Split('\n');
        Assert.True(activations.Length >= 2, activations[0]);

        // Records outlive the contract.
        await rig.SendAsync(HttpMethod.Delete, "/v1/contracts/c1");
        Assert.Equal(rows.Count, (await rig.GetAsync($"/v1/contracts/c1/metered?step=PT0.05S&from={from}&until={fine["until"]}"))["rows"]!.AsArray().Count);
        Assert.True((await rig.GetAsync("/v1/contracts/c1/retention"))["bytes"]!.GetValue<long>() > 0);
    }

    /// <summary>The battery was told and measured; what was told while nobody measured is said, too.</summary>
    private static async Task DeliveryAsync(FrequencyRig rig, HttpClient client, string from)
    {
        var rows = (await rig.GetAsync($"/v1/contracts/c1/delivery?from={from}"))["rows"]!.AsArray();
        Assert.All(rows, r => Assert.Equal("bess-1", r!["assetId"]!.GetValue<string>()));
        Assert.Contains(rows, r => r!["measuredWh"]?.GetValue<double>() > 0 && r["source"]!.GetValue<string>() == "telemetry" && r["setpointWh"]!.GetValue<double>() > 0);
        Assert.All(rows, r => Assert.Equal(r!["setpointSeconds"]!.GetValue<long>(), r["measuredSeconds"]!.GetValue<long>() + r["notMeasuredSeconds"]!.GetValue<long>()));
        var measured = rows.Where(r => r!["measuredWh"] is not null).Sum(r => r!["measuredWh"]!.GetValue<double>());
        Assert.Equal(3_000 * rows.Sum(r => r!["measuredSeconds"]!.GetValue<long>()) / 3_600.0, measured, 6);

        string[] csv = (await client.GetStringAsync($"/v1/contracts/c1/delivery?format=csv&step=P1D&from={from}", TestContext.Current.CancellationToken)).TrimEnd('\n').Split('\n');
        Assert.StartsWith("from,until,asset,setpoint_wh", csv[0], StringComparison.Ordinal);
        Assert.All(csv.Skip(1), l => Assert.Contains(",bess-1,", l, StringComparison.Ordinal));
        Assert.InRange(csv.Length, 2, 3);
    }

    [Fact]
    public void Days_that_do_not_fit_into_the_size_are_told()
    {
        var options = new EvidenceOptions { KeepDays = 30 };
        var day = Instant.FromUtc(2027, 1, 15, 0, 0);
        var told = EvidenceRetention.Create(options, [new EvidenceSegment("0", 500_000_000, day, day + Duration.FromHours(12)), new EvidenceSegment("1", 500_000_000, day + Duration.FromHours(12), day + Duration.FromDays(1))]);
        Assert.Equal((1e9, 30e9, 2), (told.BytesPerDay!.Value, told.NeedsBytes!.Value, told.Segments));
        Assert.Equal(2.147, told.LastsDays!.Value, 0.001);
        Assert.Contains("Evidence:MaxMiB keeps 2048: it lasts 2.1 days", told.Problem, StringComparison.Ordinal);
        Assert.Null(EvidenceRetention.Create(options with { MaxMiB = 40_000 }, [new EvidenceSegment("0", 1_000_000_000, day, day + Duration.FromDays(1))]).Problem);
        Assert.Null(EvidenceRetention.Create(options, []).From);
        Assert.NotEmpty((options with { KeepDays = 0 }).Validate());
    }

    [Fact]
    public void What_is_older_than_the_days_goes()
    {
        var folder = TestFolders.Create();
        try
        {
            var now = SystemClock.Instance.GetCurrentInstant();
            foreach (var (name, days) in new[] { ("0000000000", 3), ("0000000001", 1) })
            {
                File.WriteAllText(Path.Combine(folder, name + EvidenceLog.Extension), "x");
                File.SetLastWriteTimeUtc(Path.Combine(folder, name + EvidenceLog.Extension), (now - Duration.FromDays(days)).ToDateTimeUtc());
            }

            EvidenceLog.Expire(folder, now - Duration.FromDays(2), 0);
            Assert.Equal("0000000001.gsev", Assert.Single(EvidenceLog.Files(folder)).Name);
        }
        finally
        {
            TestFolders.Remove(folder);
        }
    }

    /// <summary>verify and replay, of the log as it is and of one in which a bit was changed.</summary>
    private static void Commands(string folder)
    {
        Assert.Null(EvidenceCommand.Run(["--Storage:Path=x"], TextWriter.Null));
        Assert.Contains("all sound", Output(0, "verify", folder), StringComparison.Ordinal);
        Assert.Contains("every decision comes out the same", Output(0, "replay", folder), StringComparison.Ordinal);
        Assert.Contains("no folder with segments", Output(2, "verify", folder + "-not"), StringComparison.Ordinal);
        Assert.Contains("Usage", Output(2, "replay"), StringComparison.Ordinal);

        var forged = Path.Combine(TestFolders.Create(), "0000000000.gsev");
        var bytes = File.ReadAllBytes(Directory.GetFiles(folder, "*.gsev").Order(StringComparer.Ordinal).MaxBy(f => new FileInfo(f).Length)!);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(forged, bytes);
        Assert.Contains("BROKEN", Output(1, "verify", forged), StringComparison.Ordinal);
        Assert.Contains("DIFFERENT", Output(1, "replay", forged), StringComparison.Ordinal);
        TestFolders.Remove(Path.GetDirectoryName(forged)!);
    }

    private static string Output(int code, params string[] args)
    {
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        var answered = EvidenceCommand.Run(args, output);
        Assert.True(answered == code, $"{answered}: {output}");
        return output.ToString();
    }

    private static bool IsMeasured(FrequencyRig rig) =>
        rig.Service.App.Services.GetRequiredService<PoolTable>().Find(new EntryId("default", "bess-1"))!.View().State.Site.Measured.Source == MeterSource.Telemetry;

    private static Instant At(JsonNode row) => TimeText.TryInstant(row["at"]!.GetValue<string>(), out var at) ? at : throw new FormatException(row.ToJsonString());

    private static async Task RefusedAsync(FrequencyRig rig, string query, string parameter)
    {
        var (status, problem) = await rig.SendAsync(HttpMethod.Get, $"/v1/contracts/c1/{query}");
        Assert.InRange((int)status, 400, 429);
        Assert.Contains(parameter, problem!.ToJsonString(), StringComparison.Ordinal);
    }
}
