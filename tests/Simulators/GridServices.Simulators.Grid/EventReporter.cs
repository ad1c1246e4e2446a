using System.Globalization;

namespace GridServices.Simulators.Grid;

/// <summary>Tells a person what happens, one line per thing worth telling.</summary>
public sealed class EventReporter(double nominalHz, Action<string> say)
{
    private const double BeginsHz = 0.1;
    private const double EndsHz = 0.05;
    private bool _event;
    private bool _silent;
    private double _extreme;
    private double _most;

    /// <summary>What is so now.</summary>
    /// <param name="hz">The grid's frequency.</param>
    /// <param name="silent">The meter says nothing.</param>
    /// <param name="batteryW">Power of the battery.</param>
    /// <param name="chargersW">Power of the chargers beyond what they do by themselves.</param>
    public void Report(double hz, bool silent, double batteryW, double chargersW)
    {
        if (silent != _silent)
        {
            _silent = silent;
            say(silent ? "The meter falls silent." : "The meter measures again.");
        }

        var off = hz - nominalHz;
        var response = batteryW + chargersW;
        if (!_event && Math.Abs(off) > BeginsHz)
        {
            (_event, _extreme, _most) = (true, off, response);
            say(string.Create(CultureInfo.InvariantCulture, $"The frequency {(off < 0 ? "falls" : "rises")}: {hz:0.000} Hz."));
        }
        else if (_event)
        {
            _extreme = Math.Abs(off) > Math.Abs(_extreme) ? off : _extreme;
            _most = Math.Abs(response) > Math.Abs(_most) ? response : _most;
            if (Math.Abs(off) < EndsHz)
            {
                _event = false;
                say(string.Create(
                    CultureInfo.InvariantCulture,
                    $"Back at {hz:0.000} Hz; at worst it was {nominalHz + _extreme:0.000} Hz, and the assets gave {_most / 1000:+0.0;-0.0;0.0} kW."));
            }
        }
    }
}
