namespace GridServices.Simulators.Grid.Assets;

/// <summary>A simulated asset. Powers in W, + = injection. Time moves by <see cref="Advance"/> only.</summary>
public abstract class AssetModel(string name, double delaySeconds)
{
    private readonly DelayLine _line = new(delaySeconds);
    private double _command;
    private bool _commanded;

    public string Name => name;

    /// <summary>Power at its terminals now.</summary>
    public double PowerW { get; protected set; }

    /// <summary>What it does by itself.</summary>
    public abstract double DefaultW { get; }

    /// <summary>Seconds to which it has been advanced.</summary>
    public double Now { get; private set; }

    /// <summary>A set-point arrived.</summary>
    public void Command(double now, double watts)
    {
        if (!_commanded)
        {
            (_commanded, _command) = (true, DefaultW);
        }

        _line.Add(now, watts);
    }

    /// <summary>No set-point holds any more: back to its own default.</summary>
    public void Release(double now) => Command(now, DefaultW);

    /// <summary>Moves to a later second.</summary>
    public void Advance(double now)
    {
        var seconds = Math.Max(0, now - Now);
        Now = Math.Max(Now, now);
        _command = _line.At(now, _commanded ? _command : DefaultW);
        Follow(_command, seconds);
    }

    protected abstract void Follow(double commandW, double seconds);
}
