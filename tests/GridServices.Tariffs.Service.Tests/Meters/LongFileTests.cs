using System.Text;
using GridServices.Contracts;
using NodaTime;

namespace GridServices.Tariffs.Service.Tests.Meters;

/// <summary>A file too long to be held is checked whole and stored in blocks.</summary>
public sealed class LongFileTests
{
    private const int Hours = 1800;
    private static readonly Instant First = Instant.FromUtc(2025, 10, 1, 0, 0);

    [Fact]
    public async Task A_file_above_16_MiB_is_stored_whole_or_refused_whole()
    {
        await using var rig = await MeterRig.StartAsync();
        await rig.RegisterAsync("main", "\"interval\":\"PT1H\",\"telemetry\":false,\"publish\":false");
        const string Path = "/v1/meters/main/intervals?ignoreColumns=remark";
        using (var wrong = await rig.PutAsync(Path, File(faultAt: 1700), "text/csv"))
        {
            Assert.Equal("line 1702, column 2 (kWh)", (await TariffsUnderTest.ProblemAsync(wrong, ErrorClass.SemanticNumber)).GetProperty("pointer").GetString());
        }

        var put = await rig.PutOkAsync(Path, File(), "text/csv");
        Assert.Equal((Hours, 0, "2025-10-01T00:00:00Z", "2025-12-15T00:00:00Z"), (put.GetProperty("added").GetInt32(), put.GetProperty("unchanged").GetInt32(), put.GetProperty("from").GetString(), put.GetProperty("until").GetString()));
        Assert.Equal(Hours, (await rig.PutOkAsync(Path, File(), "text/csv")).GetProperty("unchanged").GetInt32());
    }

    /// <summary>75 days of hours, each row with a remark that nobody reads.</summary>
    private static string File(int faultAt = -1)
    {
        var (rows, remark) = (new StringBuilder("time,kWh,remark\n"), new string('x', 10_000));
        for (var i = 0; i < Hours; i++)
        {
            rows.Append($"{First + Duration.FromHours(i)},{(i == faultAt ? "x" : "5")},{remark}\n");
        }

        return rows.ToString();
    }
}
