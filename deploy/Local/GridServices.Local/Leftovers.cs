using System.Globalization;

namespace GridServices.Local;

/// <summary>Programs of an earlier run on this data folder whose launcher was killed before it could stop them.</summary>
internal static class Leftovers
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static void Add(DataFolder folder, int pid) =>
        File.AppendAllText(GetPath(folder), pid.ToString(CultureInfo.InvariantCulture) + "\n");

    /// <summary>Stops what still runs, after ten seconds by force; the folder is held by us, so nobody else started it.</summary>
    public static async Task StopAsync(DataFolder folder)
    {
        if (!File.Exists(GetPath(folder)))
        {
            return;
        }

        int[] left = [.. File.ReadLines(GetPath(folder)).Select(line => int.TryParse(line, out var pid) ? pid : 0).Where(IsOurs)];
        if (left.Length > 0)
        {
            Console.WriteLine($"Stopping {left.Length} program(s) that an earlier ./run left behind …");
        }

        foreach (var pid in left)
        {
            ChildProcess.Signal(pid, ChildProcess.SigTerm);
        }

        await GoneAsync(left);

        // As with a child of this run: who does not end when asked is ended, or its port would be in use.
        foreach (var pid in left.Where(IsOurs))
        {
            ChildProcess.Signal(pid, ChildProcess.SigKill);
        }

        await GoneAsync(left);
        File.Delete(GetPath(folder));
    }

    private static async Task GoneAsync(int[] left)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (left.Any(IsOurs) && !patience.IsCancellationRequested)
        {
            await Task.Delay(100);
        }
    }

    // A process id is given out again: only a program that was started from a build of ours counts.
    private static bool IsOurs(int pid)
    {
        try
        {
            return pid > 0 && File.ReadAllText($"/proc/{pid}/cmdline").Contains("/GridServices.", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static string GetPath(DataFolder folder) => Path.Combine(folder.Root, "running.txt");
}
