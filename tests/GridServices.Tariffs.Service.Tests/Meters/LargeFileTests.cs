using System.Text;
using GridServices.Contracts;
using GridServices.Tariffs.Service.Meters;
using NodaTime;

namespace GridServices.Tariffs.Service.Tests.Meters;

/// <summary>A file too long to be held is checked whole and stored in blocks.</summary>
public sealed class LargeFileTests
{
    private const int Hours = 1800;
    private static readonly Instant First = Instant.FromUtc(2025, 10, 1, 0, 0);

    [Fact]
    public async Task A_file_above_16_MiB_is_stored_whole_or_refused_whole()
    {
        await using var rig = await MeterRig.StartAsync();
        await rig.RegisterAsync("main", "\"interval\":\"PT1H\",\"telemetry\":false,\"publish\":false");
        const string Path = "/v1/meters/main/intervals?ignoreColumns=remark";
        using (var wrong = await rig.PutAsync(Path, Rows(faultAt: 1700), "text/csv"))
        {
            Assert.Equal("line 1702, column 2 (kWh)", (await TariffsUnderTest.ProblemAsync(wrong, ErrorClass.SemanticNumber)).GetProperty("pointer").GetString());
        }

        // A meter that was out for all of a block, or more, leaves a gap.
        var broken = await rig.PutOkAsync($"{Path}&missingValues=NaN", Rows(missing: (32 * 24)..(64 * 24)), "text/csv");
        Assert.Equal(Hours - 32 * 24, broken.GetProperty("added").GetInt32());
        Assert.Contains(broken.GetProperty("warnings").EnumerateArray(), w => w.GetProperty("class").GetString() == "DATA_GAP");
        var put = await rig.PutOkAsync(Path, Rows(), "text/csv");
        Assert.Equal((32 * 24, Hours - 32 * 24, "2025-10-01T00:00:00Z", "2025-12-15T00:00:00Z"), (put.GetProperty("added").GetInt32(), put.GetProperty("unchanged").GetInt32(), put.GetProperty("from").GetString(), put.GetProperty("until").GetString()));
        Assert.Equal(Hours, (await rig.PutOkAsync(Path, Rows(), "text/csv")).GetProperty("unchanged").GetInt32());
    }

    [Fact]
    public async Task What_is_held_of_it_meanwhile_lies_beside_the_store_and_has_no_name()
    {
        var folder = Directory.CreateTempSubdirectory("long-file");
        try
        {
            await using var file = LargeFile.Opened(folder.FullName);
            Assert.StartsWith(folder.FullName, file.Name, StringComparison.Ordinal);
            if (!OperatingSystem.IsWindows())
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file.SafeFileHandle));
                Assert.Empty(folder.GetFiles());
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>75 days of hours, each row with a remark that nobody reads.</summary>
    private static string Rows(int faultAt = -1, Range missing = default)
    {
        var (rows, remark) = (new StringBuilder("time,kWh,remark\n"), new string('x', 10_000));
        for (var i = 0; i < Hours; i++)
        {
            rows.Append($"{First + Duration.FromHours(i)},{(i == faultAt ? "x" : i >= missing.Start.Value && i < missing.End.Value ? "NaN" : "5")},{remark}\n");
        }

        return rows.ToString();
    }
}
