using System.Globalization;

namespace GridServices.Benchmarks;

/// <summary>Memory of a process and of those it started, from /proc.</summary>
internal static class ProcessMemory
{
    /// <summary>Name, resident KiB and proportional KiB of the process and its children.</summary>
    public static IReadOnlyList<(string Name, long Kib, long PssKib)> Family(int pid) =>
        [.. Children(pid).Prepend(pid).Select(id => (Name(id), Field(id, "status", "VmRSS:"), Field(id, "smaps_rollup", "Pss:")))];

    private static IEnumerable<int> Children(int pid) =>
        Directory.EnumerateDirectories($"/proc/{pid}/task")
            .SelectMany(task => File.ReadAllText(Path.Combine(task, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Select(id => int.Parse(id, CultureInfo.InvariantCulture));

    private static string Name(int pid) =>
        Path.GetFileName(File.ReadAllText($"/proc/{pid}/cmdline").Split('\0').FirstOrDefault(part => part.EndsWith(".dll", StringComparison.Ordinal)) ?? $"pid {pid}");

    private static long Field(int pid, string file, string key) =>
        long.Parse(
            File.ReadLines($"/proc/{pid}/{file}").First(line => line.StartsWith(key, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
            CultureInfo.InvariantCulture);
}
