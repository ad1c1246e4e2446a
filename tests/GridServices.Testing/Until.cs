using System.Diagnostics;
using Xunit;

namespace GridServices.Testing;

/// <summary>Waits for what is to happen. The ceiling measures no speed: it only ends a wait that would never end.</summary>
public static class Until
{
    /// <summary>Long enough for a machine with seventy busy programs on two cores.</summary>
    public static readonly TimeSpan Ceiling = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    /// <summary>Asks until the answer holds; fails with the last answer, and with what <paramref name="otherwise"/> says.</summary>
    public static async Task<T> HoldsAsync<T>(Func<Task<T>> ask, Func<T, bool> holds, Func<Task<string>>? otherwise = null)
    {
        var started = Stopwatch.GetTimestamp();
        var answer = await ask();
        while (!holds(answer))
        {
            if (Stopwatch.GetElapsedTime(started) > Ceiling)
            {
                Assert.Fail($"Did not come to hold within {Ceiling.TotalSeconds:0} s; last answer: {answer}. {(otherwise is null ? string.Empty : await otherwise())}");
            }

            await Task.Delay(Pause);
            answer = await ask();
        }

        return answer;
    }

    /// <summary>Looks until it holds.</summary>
    public static Task HoldsAsync(Func<bool> holds, Func<Task<string>>? otherwise = null) => HoldsAsync(() => Task.FromResult(holds()), held => held, otherwise);

    /// <summary>Cancelled when the test is given up, and at the ceiling.</summary>
    public static CancellationTokenSource Deadline()
    {
        var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(Ceiling);
        return deadline;
    }

    /// <summary>Whether a process ended before the ceiling.</summary>
    public static async Task<bool> EndsAsync(Process process)
    {
        using var deadline = Deadline();
        await process.WaitForExitAsync(deadline.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return process.HasExited;
    }
}
