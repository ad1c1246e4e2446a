using GridServices.FrequencyResponse.Service.HotPath;

namespace GridServices.FrequencyResponse.Service.Recording;

/// <summary>What is done with a turn, in order.</summary>
internal delegate void TurnStep(PoolRecorder recorder, in HotRecord record);

/// <summary>Takes a turn through its steps: one that fails takes none of the others with it, the evidence least of all.</summary>
internal static class TurnSteps
{
    /// <param name="steps">In order.</param>
    /// <param name="recorder">Of the pool.</param>
    /// <param name="record">The turn.</param>
    /// <param name="lost">Told of each that failed.</param>
    internal static void Run(ReadOnlySpan<TurnStep> steps, PoolRecorder recorder, in HotRecord record, Action<PoolRecorder, Exception> lost)
    {
        foreach (var step in steps)
        {
            try
            {
                step(recorder, record);
            }
            catch (Exception fault) when (fault is not OutOfMemoryException)
            {
                lost(recorder, fault);
            }
        }
    }
}
