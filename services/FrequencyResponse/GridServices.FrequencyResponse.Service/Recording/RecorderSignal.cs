namespace GridServices.FrequencyResponse.Service.Recording;

/// <summary>What the hot path wakes the recorder with.</summary>
internal sealed class RecorderSignal : IDisposable
{
    public AutoResetEvent Event { get; } = new(false);

    public void Dispose() => Event.Dispose();
}
