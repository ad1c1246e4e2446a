using System.Globalization;
using GridServices.Testing;

namespace GridServices.Faults.Tests;

/// <summary>One fault again and again under load, and the verdict over what came of it.</summary>
internal static class FaultRun
{
    /// <summary>Waits until the load has gone on by so many publications.</summary>
    public static Task TakenAsync(SiteLoad load, long more, Func<Task<string>>? otherwise = null)
    {
        var before = load.Taken;
        return Until.HoldsAsync(() => load.Taken >= before + more, otherwise);
    }

    /// <summary>Everything that was acknowledged was seen once and in order, nothing else was, and no limit was told looser than it was.</summary>
    public static async Task JudgeAsync(string fault, SiteLoad load, SiteWitness witness, IReadOnlyList<TimeSpan> recoveries)
    {
        Assert.Empty(load.Odd);
        var (lost, doubled) = (0L, 0L);
        for (var site = 0; site < load.Sites; site++)
        {
            var (which, last) = (site, load.Acknowledged(site));
            await Until.HoldsAsync(() => witness.Last(which) >= last, () => Task.FromResult($"{SiteLoad.Name(which)} saw {witness.Last(which)} of {last}"));
            var seen = witness.Revisions(site);
            lost += last - seen.Distinct().Count();
            doubled += seen.Count - seen.Distinct().Count();
            Assert.Equal(seen.Order(), seen);
        }

        FaultSuite.Report(fault, string.Create(
            CultureInfo.InvariantCulture,
            $"times={recoveries.Count} taken={load.Taken} lost={lost} doubled={doubled} recovery={recoveries.Max().TotalSeconds:0.0}s wrong-limit={witness.WrongFor.TotalSeconds:0.0}s of {witness.Answers} answers"));
        Assert.Equal((0L, 0L), (lost, doubled));
        Assert.Empty(witness.Wrong);
        await Until.HoldsAsync(() => witness.Answers > 0, () => Task.FromResult("no limit was ever told"));
    }
}
