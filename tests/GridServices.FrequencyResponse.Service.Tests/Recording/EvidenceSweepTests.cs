using System.Globalization;
using System.Runtime.Versioning;
using GridServices.FrequencyResponse.Service.Recording;
using GridServices.Testing;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Tests.Recording;

/// <summary>Old evidence goes; neither a folder nor a clock ends the recorder or takes what is to be kept.</summary>
public sealed class EvidenceSweepTests : IDisposable
{
    private static readonly Instant Now = SystemClock.Instance.GetCurrentInstant();
    private static readonly Duration Hour = Duration.FromHours(1);
    private readonly string _root = TestFolders.Create();
    private readonly List<string> _unswept = [];

    public void Dispose() => TestFolders.Remove(_root);

    [Fact]
    public void A_folder_that_goes_meanwhile_does_not_keep_the_others_from_being_swept()
    {
        string[] tenants = ["a", "b", "c"];
        var pools = tenants.ToDictionary(t => t, t => Segments(t, "gone", 3));
        var sweep = Sweep();
        sweep.Maintain(Now, Hour, _ => false);

        // Another tenant's folder goes between the listing of the tenants and its own.
        string? gone = null;
        sweep.Maintain(Now + Hour, Hour * 2, folder =>
        {
            if (gone is null)
            {
                gone = tenants.First(t => pools[t] != folder);
                Directory.Delete(Path.Combine(_root, gone), recursive: true);
            }

            return false;
        });
        Assert.NotNull(gone);
        Assert.All(pools.Values, pool => Assert.Empty(EvidenceLog.Files(pool)));
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public void Folders_that_nobody_may_list_do_not_end_the_sweep()
    {
        var (locked, other) = (Directory.CreateDirectory(Path.Combine(_root, "lost+found")).FullName, Segments("z", "gone", 3));
        File.SetUnixFileMode(locked, UnixFileMode.None);
        try
        {
            var sweep = Sweep();
            sweep.Maintain(Now, Hour, _ => false);
            sweep.Maintain(Now + Hour, Hour * 2, _ => false);
            Assert.Empty(EvidenceLog.Files(other));

            // Root may list anything.
            Assert.Equal(Environment.IsPrivilegedProcess ? [] : new[] { locked }, _unswept);
        }
        finally
        {
            File.SetUnixFileMode(locked, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Fact]
    public void Of_a_pool_that_is_written_the_two_newest_stay()
    {
        var folder = Segments("a", "written", 5, 4, 3);
        var sweep = Sweep();
        sweep.Maintain(Now, Hour, _ => true);
        sweep.Maintain(Now + Hour, Hour * 2, _ => true);
        Assert.Equal(["0000000001.gsev", "0000000002.gsev"], EvidenceLog.Files(folder).Select(f => f.Name));
    }

    [Fact]
    public void A_clock_that_jumps_takes_nothing_before_it_has_held_for_an_hour()
    {
        var folder = Segments("a", "gone", 0);
        var (sweep, ahead) = (Sweep(), Now + Duration.FromDays(3_650));
        sweep.Maintain(Now, Hour, _ => false);
        sweep.Maintain(ahead, Hour * 2, _ => false);
        Assert.Single(EvidenceLog.Files(folder));
        sweep.Maintain(Now + (Hour * 2), Hour * 3, _ => false);
        Assert.Single(EvidenceLog.Files(folder));

        // What starts with a clock that is wrong does not know it either.
        var started = Sweep();
        started.Maintain(ahead, Hour, _ => false);
        Assert.Single(EvidenceLog.Files(folder));
    }

    private EvidenceSweep Sweep() => new(_root, Duration.FromDays(2), (folder, _) => _unswept.Add(folder));

    private string Segments(string tenant, string pool, params int[] daysOld)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_root, tenant, pool)).FullName;
        foreach (var (i, days) in daysOld.Index())
        {
            var file = Path.Combine(folder, i.ToString("D10", CultureInfo.InvariantCulture) + EvidenceLog.Extension);
            File.WriteAllText(file, "x");
            File.SetLastWriteTimeUtc(file, (Now - Duration.FromDays(days)).ToDateTimeUtc());
        }

        return folder;
    }
}
