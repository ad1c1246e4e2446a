namespace GridServices.FrequencyResponse.Tests;

/// <summary>A battery behind the controller: the set-point travels, then the power follows with a first-order lag.</summary>
internal sealed class Plant(double delaySeconds, double lagSeconds, double stepSeconds)
{
    private readonly Queue<double> _onTheWay = new(Enumerable.Repeat(0.0, (int)Math.Round(delaySeconds / stepSeconds)));

    public double PowerW { get; private set; }

    /// <summary>One step of time under this set-point.</summary>
    public double Step(double setpointW)
    {
        _onTheWay.Enqueue(setpointW);
        PowerW += (_onTheWay.Dequeue() - PowerW) * (1 - Math.Exp(-stepSeconds / lagSeconds));
        return PowerW;
    }
}
