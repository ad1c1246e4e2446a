namespace GridServices.FrequencyResponse.Service.Recording;

/// <summary>Wakes those who follow set-points over HTTP; they fetch the newest themselves, so a slow one misses some and holds up nobody.</summary>
internal sealed class SetpointFeed
{
    private volatile TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends with the next set-point of any pool.</summary>
    public Task Next => _next.Task;

    public void Changed()
    {
        Interlocked.Exchange(ref _next, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }
}
