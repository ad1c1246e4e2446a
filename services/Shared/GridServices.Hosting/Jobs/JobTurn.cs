namespace GridServices.Hosting.Jobs;

/// <summary>Whether a job is running, and whether it was asked for meanwhile: what it looked for may have come after it looked, so it then runs once more.</summary>
internal sealed class JobTurn
{
    private const int Idle = 0;
    private const int Running = 1;
    private const int AskedAgain = 2;
    private int _state;

    /// <summary>False where it runs already: whoever runs it does so once more.</summary>
    internal bool TryBegin()
    {
        while (true)
        {
            if (Interlocked.CompareExchange(ref _state, Running, Idle) == Idle)
            {
                return true;
            }

            if (Interlocked.CompareExchange(ref _state, AskedAgain, Running) != Idle)
            {
                return false;
            }
        }
    }

    /// <summary>True where it was asked for meanwhile; else it is over.</summary>
    internal bool TryContinue() => Interlocked.CompareExchange(ref _state, Idle, Running) == AskedAgain && Interlocked.CompareExchange(ref _state, Running, AskedAgain) == AskedAgain;

    /// <summary>It failed: the next turn of the plan is the retry.</summary>
    internal void End() => Volatile.Write(ref _state, Idle);
}
