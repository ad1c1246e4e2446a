using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Nodes;
using GridServices.UtilityClients.Journal;
using GridServices.OpenAdr.Service.Tests.Rig;
using GridServices.Testing;
using GridServices.Testing.Tls;
using NodaTime;

namespace GridServices.OpenAdr.Service.Tests.Hostile;

/// <summary>Every file of the hostile collection's openadr part, served as the answer to a poll.</summary>
[Collection(Alone.Name)]
public sealed class HostileReplyTests
{
    private static readonly Instant Then = Instant.FromUtc(2027, 1, 15, 18, 0);

    [Fact]
    public async Task Each_hostile_file_ends_as_its_index_says_and_the_service_lives_on()
    {
        var folder = TestData.Path("hostile");
        var index = JsonSerializer.Deserialize<JsonArray>(await File.ReadAllTextAsync(Path.Combine(folder, "index.json"), TestContext.Current.CancellationToken))!;
        var cases = index.Select(c => c!).Where(c => c["category"]!.GetValue<string>() == "openadr").ToList();
        Assert.NotEmpty(cases);
        await using var rig = await VenRig.StartAsync(clock: new ShiftedClock(Then), vtnOptions: ["--vtn-id", "vtn-test", "--ven-id", "ven-under-test"]);
        using var watch = new ConnectionWatch();
        var wrong = new List<string>();
        foreach (var one in cases)
        {
            if (await TryAsync(rig, one, Path.Combine(folder, one["file"]!.GetValue<string>())) is { } complaint)
            {
                wrong.Add($"{one["id"]} {one["title"]}: {complaint}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.Empty(watch.Foreign);
    }

    private static async Task<string?> TryAsync(VenRig rig, JsonNode one, string file)
    {
        var body = await ReadAsync(file);
        var config = VenRig.Config(rig.Vtn.Url, "PT0.05S");
        config["venId"] = "ven-under-test";
        (config["programs"]![0]!["marketContext"], config["programs"]![0]!["defaultPolicy"]) = ("http://mc.example/dr1", false);
        await rig.PutAsync(VenRig.Path, config);
        await VenRig.UntilAsync(() => rig.StateAsync(), s => s == "registered");
        await rig.SettleAsync();
        if (one["id"]!.GetValue<string>() == "OA-050")
        {
            // This one only makes sense after another.
            await ServeAsync(rig, await ReadAsync(file.Replace("OA-050", "OA-051", StringComparison.Ordinal)));
            var held = (await rig.GetAsync(VenRig.Path + "/events/evt-seq"))["modificationNumber"]!.GetValue<int>();
            await ServeAsync(rig, body);
            var kept = (await rig.GetAsync(VenRig.Path + "/events/evt-seq"))["modificationNumber"]!.GetValue<int>();
            await DeleteAsync(rig);
            return kept == held ? null : $"modification {held} became {kept}";
        }

        var published = rig.Hub.Published.Count;
        var answered = await ServeAsync(rig, body);
        var expected = one["expected"]!.GetValue<string>();
        var listed = (await rig.GetAsync(VenRig.Path + "/events")).AsArray();
        JsonArray events = [.. listed.Where(e => e!["status"]!.GetValue<string>() != "refused").Select(e => e!.DeepClone())];
        var complaint = Judge(one, expected, answered!, events, rig.Hub.Envelopes.Skip(published).Any(e => e.Segments.Count > 0));
        await DeleteAsync(rig);
        return complaint;
    }

    /// <summary>With nothing left that the hub would hear of amid the next case.</summary>
    private static async Task DeleteAsync(VenRig rig)
    {
        await rig.SendAsync(HttpMethod.Delete, VenRig.Path);
        await VenRig.UntilAsync(async () => (await rig.GetAsync("/v1/outbox"))["pending"]!.GetValue<long>(), pending => pending == 0);
    }

    /// <summary>Serves it as the answer to the next poll; gives the journal's row once the VEN has gone on.</summary>
    private static async Task<JsonNode> ServeAsync(VenRig rig, byte[] body)
    {
        var last = await LastMessageAsync(rig);
        await rig.Vtn.PostRawAsync("/sim/raw?venId=ven-under-test", body);
        var hash = JournalRow.ComputeHash(body);
        var answer = await VenRig.UntilAsync(() => AnswerAsync(rig, last, hash, body.Length), a => a is not null);
        var asked = await LastMessageAsync(rig);
        await rig.PostAsync("/actions/query-registration");
        await VenRig.UntilAsync(
            () => MessagesAfterAsync(rig, asked), after => after.Any(m => m["message"]?.GetValue<string>() == "oadrCreatedPartyRegistration"));
        return answer!;
    }

    private static async Task<byte[]> ReadAsync(string file)
    {
        if (!file.EndsWith(".gz", StringComparison.Ordinal))
        {
            return await File.ReadAllBytesAsync(file);
        }

        await using var packed = new GZipStream(File.OpenRead(file), CompressionMode.Decompress);
        using var plain = new MemoryStream();
        await packed.CopyToAsync(plain);
        return plain.ToArray();
    }

    /// <summary>The journal's row of the answer; of an empty body there is none, but a problem.</summary>
    private static async Task<JsonNode?> AnswerAsync(VenRig rig, long after, string hash, int length) => (await MessagesAfterAsync(rig, after))
        .FirstOrDefault(m => (m["direction"]!.GetValue<string>() == "received" && m["sha256"]?.GetValue<string>() == hash) || (length is 0 or > 1024 * 1024 && m["problem"] is not null));

    private static async Task<long> LastMessageAsync(VenRig rig) => Id((await rig.GetAsync(VenRig.Path + "/messages?limit=1"))["messages"]![0]!);

    private static async Task<List<JsonNode>> MessagesAfterAsync(VenRig rig, long id) =>
        [.. (await rig.GetAsync(VenRig.Path + "/messages?limit=30"))["messages"]!.AsArray().Select(m => m!).Where(m => Id(m) > id)];

    private static long Id(JsonNode message) => long.Parse(message["id"]!.GetValue<string>(), CultureInfo.InvariantCulture);

    private static string? Judge(JsonNode one, string expected, JsonNode answer, JsonArray events, bool limited)
    {
        var problem = answer["problem"]?.GetValue<string>();
        var isRegistration = one["id"]!.GetValue<string>().StartsWith("OA-07", StringComparison.Ordinal);
        var isEmpty = one["id"]!.GetValue<string>() is "OA-004";
        return expected switch
        {
            // A registration's answer that comes to a poll is no answer to it.
            _ when isRegistration => events.Count == 0 && !limited ? null : "something was stored",
            "reject" when one["error_class"]!.GetValue<string>() is "AUTHZ_VTNID" => events.Count == 0 && !limited ? null : "something was stored",

            // What is wrong inside one event refuses that event alone.
            "reject" when problem is null && one["error_class"]!.GetValue<string>() != "SCHEMA_INVALID" => "was taken",
            "reject" when problem is not null && !problem.StartsWith(one["error_class"]!.GetValue<string>(), StringComparison.Ordinal) && !IsTransport(problem) => $"refused as {problem}",
            "reject" or "reject-event" or "ignore" or "ack-no-op" => events.Count == 0 && !limited ? null : $"something was stored: {events.ToJsonString()}",
            "accept" or "accept-with-warning" or "accept-most-restrictive" => problem is null && (events.Count > 0 || isEmpty) ? null : $"was not taken: {problem}",
            _ => null,
        };
    }

    /// <summary>Refused before it was read: empty, or longer than is taken.</summary>
    private static bool IsTransport(string problem) =>
        problem.Contains("without a body", StringComparison.Ordinal) || problem.Contains("more than 1048576", StringComparison.Ordinal)
        || problem.Contains("longer than 1048576", StringComparison.Ordinal);

    /// <summary>The system's clock, moved so that it was <paramref name="start"/> when it was made.</summary>
    private sealed class ShiftedClock(Instant start) : IClock
    {
        private readonly Duration _shift = start - SystemClock.Instance.GetCurrentInstant();

        public Instant GetCurrentInstant() => SystemClock.Instance.GetCurrentInstant() + _shift;
    }
}
