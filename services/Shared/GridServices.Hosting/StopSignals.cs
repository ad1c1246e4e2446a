using System.Runtime.InteropServices;

namespace GridServices.Hosting;

/// <summary>Whether somebody asked this process to end (SIGTERM, SIGINT, SIGQUIT), over all hosts that run in it one after the other; what the signal does is left to them.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly PosixSignalRegistration[] _registrations;
    private volatile bool _isAsked;

    internal StopSignals() => _registrations =
        [.. new[] { PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGQUIT }.Select(signal => PosixSignalRegistration.Create(signal, _ => _isAsked = true))];

    internal bool IsAsked => _isAsked;

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }
    }
}
