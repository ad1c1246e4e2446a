using GridServices.Contracts;
using GridServices.FrequencyResponse.Measurement;
using GridServices.FrequencyResponse.Service.HotPath;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Registry;

namespace GridServices.FrequencyResponse.Service.Sources;

/// <summary>What every source stands on.</summary>
internal sealed record SourceDependencies(PoolTable Pools, MonotonicClock Clock, HotPathOptions Options, ILogger Log);

/// <summary>
/// A source of samples. Its own thread receives, stamps and steps the pools it drives: nothing is handed over on the way.
/// Silence is silence: no sample is ever made up for one that did not come.
/// </summary>
internal abstract partial class SourceReader(EntryId id, SourceSettings settings, SourceDependencies dependencies) : IDisposable
{
    private const int AfterFaultMs = 500;
    private readonly ManualResetEvent _stop = new(false);
    private readonly HashSet<Pool> _unstepped = [];
    private Thread? _thread;
    private long _received;
    private long _refused;
    private long _foreign;
    private long _lastNanos;
    private double _lastHz = double.NaN;
    private volatile string? _problem;
    private volatile string _priority = "no thread of its own";

    public EntryId Id => id;

    public SourceSettings Settings => settings;

    /// <summary>Where it listens or asks, where that is worth telling.</summary>
    public virtual string? Endpoint => null;

    protected MonotonicClock Clock => dependencies.Clock;

    protected bool IsStopping => _stop.WaitOne(0);

    public virtual void Start()
    {
        _thread = new Thread(Run) { Name = $"source {id.Key}", IsBackground = true };
        _thread.Start();
    }

    public SourceView View()
    {
        var last = Volatile.Read(ref _lastNanos);
        return new SourceView(
            Volatile.Read(ref _received), Volatile.Read(ref _refused), Volatile.Read(ref _foreign),
            last == 0 ? null : (dependencies.Clock.Nanos - last) / 1e9, Volatile.Read(ref _lastHz), _problem, _priority);
    }

    public void Dispose()
    {
        _stop.Set();
        Unblock();
        if (_thread?.Join(TimeSpan.FromSeconds(5)) is not false)
        {
            _stop.Dispose();
        }
    }

    /// <summary>Receives until it is told to stop; a fault of the line ends a turn, not the source.</summary>
    protected abstract void Receive();

    /// <summary>Gets a thread out of a blocking call.</summary>
    protected virtual void Unblock()
    {
    }

    /// <summary>Hands a sample to every pool that this source drives.</summary>
    /// <param name="sample">Its source index is set here, per pool.</param>
    /// <param name="more">A newer one waits already.</param>
    protected void Deliver(in FrequencySample sample, bool more)
    {
        Interlocked.Increment(ref _received);
        Volatile.Write(ref _lastNanos, sample.ReceivedNanos);
        Volatile.Write(ref _lastHz, sample.Hz);
        var targets = dependencies.Pools.DrivenBy(id);
        for (var i = 0; i < targets.Length; i++)
        {
            try
            {
                targets[i].Pool.Process(sample with { Source = targets[i].Index }, more);
            }
            catch (Exception fault) when (fault is not OutOfMemoryException)
            {
                // Its own set-points lapse; the other pools go on with samples of now.
                if (_unstepped.Add(targets[i].Pool))
                {
                    Report($"pool {targets[i].Pool.Spec.Id} can't use its samples: {SafeText.Line(fault.Message)}");
                }
            }
        }
    }

    /// <summary>Something came that is no sample.</summary>
    protected void Refuse() => Interlocked.Increment(ref _refused);

    /// <summary>Something came from somebody else.</summary>
    protected void RefuseForeign() => Interlocked.Increment(ref _foreign);

    /// <returns>False: it is time to stop.</returns>
    protected bool Pause(int milliseconds) => !_stop.WaitOne(milliseconds);

    protected void Problem(string? problem)
    {
        var before = _problem;
        _problem = problem;
        if (problem is not null && before is null)
        {
            LogProblem(dependencies.Log, id.Key, problem);
        }
        else if (problem is null && before is not null)
        {
            LogMended(dependencies.Log, id.Key);
        }
    }

    /// <summary>Worth an operator's look, while samples go on coming.</summary>
    protected void Report(string what) => LogTold(dependencies.Log, id.Key, what);

    private void Run()
    {
        _priority = RealTimePriority.TryTake(dependencies.Options.RealTimePriority).Detail;
        while (!TryReceive() && Pause(AfterFaultMs))
        {
        }
    }

    /// <returns>False: a fault that no reader knows of, told as the source's problem. It must not end the process, and with it the pools of all others.</returns>
    private bool TryReceive()
    {
        try
        {
            Receive();
            return true;
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            if (!IsStopping)
            {
                Problem(SafeText.Line(fault.Message));
            }

            return false;
        }
    }

    [LoggerMessage(EventIds.SourceReaderProblem, LogLevel.Warning, "Source {Source} brings nothing: {Problem}")]
    private static partial void LogProblem(ILogger logger, string source, string problem);

    [LoggerMessage(EventIds.SourceReaderTold, LogLevel.Warning, "Source {Source}: {What}")]
    private static partial void LogTold(ILogger logger, string source, string what);

    [LoggerMessage(EventIds.SourceReaderMended, LogLevel.Information, "Source {Source} is heard again")]
    private static partial void LogMended(ILogger logger, string source);
}

/// <summary>How a source does.</summary>
/// <param name="Received">Samples handed on, valid or not.</param>
/// <param name="Refused">Frames that were none.</param>
/// <param name="Foreign">Frames of somebody else.</param>
/// <param name="AgeSeconds">Since the last sample; null = none yet.</param>
/// <param name="LastHz">As it came; NaN = none.</param>
/// <param name="Problem">Why nothing comes; null = nothing known to be wrong.</param>
/// <param name="Priority">What the kernel granted its thread.</param>
internal sealed record SourceView(long Received, long Refused, long Foreign, double? AgeSeconds, double LastHz, string? Problem, string Priority);
