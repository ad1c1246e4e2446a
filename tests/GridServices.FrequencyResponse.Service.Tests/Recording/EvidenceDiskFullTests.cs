using GridServices.FrequencyResponse.Evidence;
using GridServices.FrequencyResponse.Service.Recording;
using GridServices.FrequencyResponse.Service.Tests.Rig;
using GridServices.Hosting.Storage;
using GridServices.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace GridServices.FrequencyResponse.Service.Tests.Recording;

public sealed class EvidenceDiskFullTests
{
    [Fact]
    public async Task A_full_disk_stops_the_log_and_not_the_response_and_the_log_goes_on_when_there_is_room()
    {
        using var disk = SmallDisk.Mount(megabytes: 4);
        await using var rig = await FrequencyRig.ArmedAsync("GB-DCL", Dialect.Sqlite, null, $"--Evidence:Path={disk.Folder}");
        var logs = rig.Service.App.Services.GetRequiredService<EvidenceLogs>();
        await rig.MeasureUntilAsync(_ => 50, () => Bytes(disk) > 4_096);
        disk.Fill();
        await rig.MeasureUntilAsync(_ => 50, () => logs.Unwritten > 0);

        // The response is what counts: a low frequency still moves the battery.
        await rig.MeasureUntilAsync(_ => 49.5, () => rig.Heard() is { Watts: > 0 });

        disk.Clear();
        var (before, unwritten) = (Segments(disk).Length, logs.Unwritten);
        await rig.MeasureUntilAsync(_ => 50, () => Segments(disk).Length > before && new FileInfo(Segments(disk)[^1]).Length > 4_096);
        Assert.True(unwritten > 0);
        await rig.StopServiceAsync();

        var verdicts = EvidenceVerifier.Chain([.. Segments(disk).Select(file => new ReadOnlyMemory<byte>(File.ReadAllBytes(file)))]);
        Assert.All(verdicts, verdict => Assert.True(verdict.Sound, verdict.Fault?.Detail));
        Assert.True(verdicts[^1] is { Closed: true, Turns: > 0 });
    }

    private static string[] Segments(SmallDisk disk) => [.. Directory.GetFiles(disk.Folder, "*.gsev", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    private static long Bytes(SmallDisk disk) => Segments(disk).Sum(file => new FileInfo(file).Length);
}
