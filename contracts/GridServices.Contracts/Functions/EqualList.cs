using System.Collections;

namespace GridServices.Contracts.Functions;

/// <summary>Gives a list the equality of its items, so that records that hold it are equal by content.</summary>
internal static class EqualList
{
    public static IReadOnlyList<T>? From<T>(IReadOnlyList<T>? items) => items is null or Items<T> ? items : new Items<T>([.. items]);

    private sealed class Items<T>(T[] items) : IReadOnlyList<T>
    {
        public int Count => items.Length;

        public T this[int index] => items[index];

        public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)items).GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => items.GetEnumerator();

        public override bool Equals(object? obj) => obj is Items<T> other && items.AsSpan().SequenceEqual(other.AsSpan());

        public override int GetHashCode() => items.Aggregate(items.Length, HashCode.Combine);

        private ReadOnlySpan<T> AsSpan() => items;
    }
}
