using GridServices.Wire.Engine;

namespace GridServices.Fuzzing;

/// <summary>All chance of one input, from the run's seed and the input's number.</summary>
internal sealed class RandomSource(ulong seed, long number)
{
    private readonly SeededRandom _random = new(unchecked(seed * 0x9E3779B97F4A7C15UL) ^ (ulong)number);

    /// <summary>0 to <paramref name="count"/> − 1; 0 where there is none.</summary>
    public int Below(int count) => (int)_random.DrawUpTo(count - 1);

    public bool Once(int of) => Below(of) == 0;

    public T Pick<T>(IReadOnlyList<T> choices) => choices[Below(choices.Count)];

    public byte Byte() => (byte)Below(256);
}
