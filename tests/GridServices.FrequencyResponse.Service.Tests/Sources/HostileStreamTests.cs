using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using GridServices.FrequencyResponse.Service.Tests.Rig;
using GridServices.Testing;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Tests.Sources;

/// <summary>The collection of hostile sample streams, posted as they lie, moved to the present: none may move power that must not.</summary>
public sealed class HostileStreamTests
{
    private static readonly Instant Recorded = Instant.FromUtc(2027, 1, 15, 18, 0);

    [Theory]
    [InlineData("FQ-004-a.jsonl")]
    [InlineData("FQ-005-a.jsonl")]
    [InlineData("FQ-008-a.jsonl")]
    [InlineData("FQ-009-a.jsonl")]
    [InlineData("FQ-010-a.jsonl")]
    [InlineData("FQ-012-a.jsonl")]
    [InlineData("FQ-013-a.jsonl")]
    [InlineData("FQ-017-a.jsonl")]
    [InlineData("FQ-018-a.jsonl")]
    public async Task A_stream_that_must_not_move_power_moves_none(string file)
    {
        await using var rig = await StartAsync();
        var answer = await PostAsync(rig, file);
        Assert.True(answer["accepted"]!.GetValue<int>() + answer["refusedCount"]!.GetValue<int>() > 0);
        Assert.True(rig.Heard() is not { Watts: not 0 });
        var state = await rig.StateAsync();
        Assert.Equal(0, state["responseW"]!.GetValue<double>());
        if (file.StartsWith("FQ-018", StringComparison.Ordinal))
        {
            Assert.Equal("AUTHZ_SOURCE", answer["refused"]![0]!["class"]!.GetValue<string>());
        }
    }

    [Fact]
    public async Task Twenty_thousand_samples_at_once_are_taken_and_the_newest_wins()
    {
        await using var rig = await StartAsync();
        var answer = await PostAsync(rig, "FQ-016-a.jsonl.gz", most: 20_000);
        Assert.True(answer["accepted"]!.GetValue<int>() >= 5_000, answer.ToJsonString());
        Assert.True((await rig.StateAsync())["pool"]!["sequence"]!.GetValue<long>() < 1_000);
    }

    [Fact]
    public async Task A_body_that_is_no_sample_is_refused_with_what_is_wrong()
    {
        await using var rig = await StartAsync();
        var (status, problem) = await rig.SendAsync(HttpMethod.Post, "/v1/samples", """{"ts":"2027-01-15T18:00:00Z","hz":null,"src":"pmu-1"}""");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.EndsWith("SCHEMA_INVALID", problem!["type"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-50")]
    [InlineData("44.9")]
    [InlineData("500")]
    public async Task A_number_that_no_grid_has_as_its_frequency_is_refused(string hz)
    {
        await using var rig = await StartAsync();
        var (status, problem) = await rig.SendAsync(HttpMethod.Post, "/v1/samples", $$"""{"hz":{{hz}},"src":"pmu-1"}""");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.EndsWith("QUALITY_RANGE", problem!["type"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.True(rig.Heard() is not { Watts: not 0 });
    }

    private static async Task<FrequencyRig> StartAsync()
    {
        var rig = await FrequencyRig.StartAsync();
        await rig.PutAsync("/v1/sources/pmu-1", JsonNode.Parse("""{ "kind": "http", "period": "PT0.1S" }""")!);
        await rig.PutAsync("/v1/assets/bess-1", rig.Battery());
        await rig.PutAsync("/v1/contracts/c1", FrequencyRig.Contract("NORDIC-FCR-D-UP", source: "pmu-1"));
        await rig.CommandsAsync();
        return rig;
    }

    private static async Task<JsonNode> PostAsync(FrequencyRig rig, string file, int most = 1_000)
    {
        var path = TestData.Path("hostile/frequency/" + file);
        await using var raw = File.OpenRead(path);
        await using Stream plain = file.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(raw, CompressionMode.Decompress) : raw;
        using var reader = new StreamReader(plain, Encoding.UTF8);
        var lines = new List<string>();
        while (lines.Count < most && await reader.ReadLineAsync() is { } line)
        {
            lines.Add(line);
        }

        // The stream's clock read 18:00 when it was made; it is to read now.
        var shift = SystemClock.Instance.GetCurrentInstant() - Recorded;
        var body = string.Join('\n', lines.Select(l => Shift(l, shift)));
        var (status, answer) = await rig.SendAsync(HttpMethod.Post, "/v1/samples", body, media: "application/x-ndjson");
        Assert.True(status == HttpStatusCode.OK, $"{(int)status} {answer}");
        return answer!;
    }

    private static string Shift(string line, Duration by)
    {
        const string mark = "\"ts\": \"";
        var at = line.IndexOf(mark, StringComparison.Ordinal);
        var end = at < 0 ? -1 : line.IndexOf('"', at + mark.Length);
        if (end < 0 || !NodaTime.Text.InstantPattern.ExtendedIso.Parse(line[(at + mark.Length)..end]).TryGetValue(default, out var stamp))
        {
            return line;
        }

        return line[..(at + mark.Length)] + (stamp + by).ToString("uuuu-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture) + line[end..];
    }
}
