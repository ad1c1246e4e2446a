using GridServices.Wire.Engine;
using NodaTime;

namespace GridServices.Simulation.Kernel;

/// <summary>All chance of a run, from its seed.</summary>
internal sealed class RandomSource(ulong seed)
{
    private readonly SeededRandom _random = new(seed);

    public ulong Draw() => _random.Draw();

    /// <summary>True with this probability, 0 to 1.</summary>
    public bool Happens(double probability) => _random.Fraction() < probability;

    /// <summary>0 to <paramref name="count"/> − 1.</summary>
    public int Below(int count) => (int)_random.DrawUpTo(count - 1);

    public T Pick<T>(IReadOnlyList<T> choices) => choices[Below(choices.Count)];

    public double Fraction() => _random.Fraction();

    public Duration Between(Duration least, Duration most) => least + ((most - least) * _random.Fraction());

    /// <summary>The same in milliseconds.</summary>
    public Duration Milliseconds(int least, int most) => Duration.FromMilliseconds(least + _random.DrawUpTo(most - least));

    /// <summary>The same in whole seconds.</summary>
    public Duration Seconds(int least, int most) => Duration.FromSeconds(least + _random.DrawUpTo(most - least));
}
