using System.Globalization;
using System.Net;
using GridServices.Contracts;
using GridServices.Testing;
using GridServices.Tariffs.Service.Tests.Meters;

namespace GridServices.Tariffs.Service.Tests.Registry;

/// <summary>A publisher on a file system that is really full, at the COMMIT: nothing is told as stored, and it works again by itself.</summary>
public sealed class DiskFullTests
{
    [Fact]
    public async Task A_full_disk_refuses_tariffs_and_takes_them_again_when_there_is_room()
    {
        using var disk = SmallDisk.Mount(megabytes: 6);
        await using var tariffs = await TariffsUnderTest.StartAsync(null, null, $"--Storage:Path={disk.Folder}");
        var stored = 0;
        while (true)
        {
            using var answer = await PutAsync(tariffs, stored);
            if (!answer.IsSuccessStatusCode)
            {
                await TariffsUnderTest.ProblemAsync(answer, ErrorClass.Unavailable);
                break;
            }

            stored++;
        }

        Assert.Contains("the disk is full", Assert.Single(await Readiness.UntilAsync(tariffs.Operator, ready: false)).Detail, StringComparison.Ordinal);
        await Readiness.DemandLiveAsync(tariffs.Operator);
        using (var held = await tariffs.Operator.GetAsync($"/v1/tariffs/t-{stored - 1}"))
        {
            Assert.Equal(HttpStatusCode.OK, held.StatusCode);
        }

        disk.Grow(megabytes: 32);
        await Readiness.UntilAsync(tariffs.Operator, ready: true);
        using var taken = await PutAsync(tariffs, stored);
        Assert.True(taken.IsSuccessStatusCode, taken.StatusCode.ToString());
    }

    private static async Task<HttpResponseMessage> PutAsync(TariffsUnderTest tariffs, int number)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"t-{number}");
        using var content = TariffsUnderTest.Json(MeterRig.Tariff.Replace("\"depot\"", $"\"{id}\"", StringComparison.Ordinal));
        return await tariffs.Operator.PutAsync($"/v1/tariffs/{id}", content);
    }
}
