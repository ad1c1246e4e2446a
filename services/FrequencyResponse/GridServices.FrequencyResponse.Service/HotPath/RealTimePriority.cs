using System.Runtime.InteropServices;

namespace GridServices.FrequencyResponse.Service.HotPath;

/// <summary>Asks the kernel to run the calling thread before all ordinary ones (SCHED_FIFO); needs CAP_SYS_NICE or an rtprio limit.</summary>
internal static class RealTimePriority
{
    private const int SchedFifo = 1;

    /// <returns>For people: what was granted, or why not.</returns>
    public static (bool Granted, string Detail) TryTake(int priority)
    {
        if (priority <= 0)
        {
            return (false, "not asked for");
        }

        if (!OperatingSystem.IsLinux())
        {
            return (false, "offered on Linux only");
        }

        var wanted = new SchedParam { Priority = Math.Min(priority, 99) };

        // Process 0 is the calling thread: the kernel's scheduling entity is the thread.
        return sched_setscheduler(0, SchedFifo, ref wanted) == 0
            ? (true, $"SCHED_FIFO {wanted.Priority}")
            : (false, $"refused by the kernel (errno {Marshal.GetLastPInvokeError()}); grant CAP_SYS_NICE or LimitRTPRIO");
    }

    [DllImport("libc", SetLastError = true, ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int sched_setscheduler(int process, int policy, ref SchedParam parameters);

    [StructLayout(LayoutKind.Sequential)]
    private struct SchedParam
    {
        public int Priority;
    }
}
