using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Nodes;
using GridServices.Ieee2030Dot5.Service.Tests.Rig;
using GridServices.Testing;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Service.Tests.Hostile;

/// <summary>Every file of the hostile collection's 2030.5 part, served by the utility's server where it belongs.</summary>
[Collection(Alone.Name)]
public sealed class HostileServerTests
{
    private static readonly Instant Then = Instant.FromUtc(2027, 1, 15, 18, 0);

    [Fact]
    public async Task Each_hostile_file_ends_as_its_index_says_and_the_service_lives_on()
    {
        var folder = TestData.Path("hostile");
        var index = JsonSerializer.Deserialize<JsonArray>(await File.ReadAllTextAsync(Path.Combine(folder, "index.json"), TestContext.Current.CancellationToken))!;
        var cases = index.Select(c => c!).Where(c => c["category"]!.GetValue<string>() == "ieee2030-5").ToList();
        Assert.NotEmpty(cases);
        var clock = new ShiftedClock(Then);
        await using var rig = await ServiceRig.StartAsync(clock: clock);
        using var watch = new ConnectionWatch();
        var wrong = new List<string>();
        foreach (var one in cases)
        {
            await using var server = await TreeServer.StartAsync(clock);
            var trial = new HostileTrial(rig, server, one, await ReadAsync(Path.Combine(folder, one["file"]!.GetValue<string>())));
            if (await trial.ComplaintAsync() is { } complaint)
            {
                wrong.Add($"{one["id"]} {one["title"]} ({one["expected"]}, {one["error_class"]}): {complaint}");
            }

            Assert.Equal(204, (int)(await rig.SendAsync(HttpMethod.Delete, ServiceRig.Path)).Status);
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.Empty(watch.Foreign);
        Assert.Empty(rig.Hub.Rejected);
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

    /// <summary>The system's clock, moved so that it was <paramref name="start"/> when it was made.</summary>
    private sealed class ShiftedClock(Instant start) : IClock
    {
        private readonly Duration _shift = start - SystemClock.Instance.GetCurrentInstant();

        public Instant GetCurrentInstant() => SystemClock.Instance.GetCurrentInstant() + _shift;
    }
}
