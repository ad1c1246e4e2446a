using System.Diagnostics;
using System.Globalization;

namespace GridServices.Hosting;

/// <summary>
/// Named steps at which a test may let the process die as if by power loss: <c>GS_CRASH_AT=name</c>, or <c>name:n</c> for the n-th hit.
/// Does nothing, at the cost of one comparison, where the variable is not set.
/// </summary>
public static class CrashPoint
{
    private static readonly (string Name, int Hit)? Armed = Parse(Environment.GetEnvironmentVariable("GS_CRASH_AT"));
    private static int hits;

    /// <summary>Ends the process at once, nothing flushed, no handler run, when this step is the armed one.</summary>
    public static void Hit(string name)
    {
        if (Armed is { } armed && string.Equals(armed.Name, name, StringComparison.Ordinal) && Interlocked.Increment(ref hits) == armed.Hit)
        {
            KillProcess();
        }
    }

    internal static (string Name, int Hit)? Parse(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        var colon = text.LastIndexOf(':');
        return colon > 0 && int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var hit) && hit > 0
            ? (text[..colon], hit)
            : (text, 1);
    }

    private static void KillProcess()
    {
        // SIGKILL (TerminateProcess on Windows) is what a test of durability means; FailFast would print and may write a dump.
        using var self = Process.GetCurrentProcess();
        self.Kill();
        Environment.FailFast("GS_CRASH_AT");
    }
}
