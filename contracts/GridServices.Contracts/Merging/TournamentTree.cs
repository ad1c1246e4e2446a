namespace GridServices.Contracts;

/// <summary>
/// The running minimum of one quantity over all streams, and who comes next: a tournament tree, O(log n) per change, nothing allocated.
/// Among equal values the stream with the lower rank wins.
/// <code>
///            [1] winner of all
///        [2]           [3]          node i plays its children 2i, 2i+1
///     [4]   [5]     [6]   [7]       leaves: one per stream, in rank order
/// </code>
/// </summary>
internal sealed class TournamentTree<T>
    where T : struct, IComparable<T>
{
    private const int Nobody = -1;

    private readonly T?[] _values;
    private readonly int[] _winners;
    private readonly int _leaves;

    public TournamentTree(int streams)
    {
        _leaves = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(streams, 1));
        _values = new T?[streams];
        _winners = new int[2 * _leaves];
        Array.Fill(_winners, Nobody);
    }

    /// <summary>True when a value changed since <see cref="Settle"/>.</summary>
    public bool Changed { get; private set; }

    /// <summary>Rank of the stream with the least value; negative when nobody states one.</summary>
    public int First => _winners[1];

    public T GetValue(int stream) => _values[stream]!.Value;

    public void Settle() => Changed = false;

    public void Set(int stream, T? value)
    {
        if (Nullable.Equals(_values[stream], value))
        {
            return;
        }

        Changed = true;
        _values[stream] = value;
        var node = _leaves + stream;
        _winners[node] = value is null ? Nobody : stream;
        for (node /= 2; node >= 1; node /= 2)
        {
            _winners[node] = Better(_winners[2 * node], _winners[(2 * node) + 1]);
        }
    }

    /// <summary>The runner-up is among those that lost to the winner directly: the siblings on its way up.</summary>
    public int Second()
    {
        var second = Nobody;
        for (var node = _leaves + First; First != Nobody && node > 1; node /= 2)
        {
            second = Better(second, _winners[node ^ 1]);
        }

        return second;
    }

    private int Better(int a, int b)
    {
        if (a == Nobody || b == Nobody)
        {
            return Math.Max(a, b);
        }

        var order = _values[a]!.Value.CompareTo(_values[b]!.Value);
        return order < 0 || (order == 0 && a < b) ? a : b;
    }
}
