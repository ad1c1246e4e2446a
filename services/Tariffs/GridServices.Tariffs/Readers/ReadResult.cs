using System.Collections.Immutable;
using GridServices.Contracts;
using GridServices.Wire;

namespace GridServices.Tariffs.Readers;

/// <summary>Something read that is usable although it is odd.</summary>
public sealed record Finding(ErrorClass Class, string Path, string Detail)
{
    public override string ToString() => $"{Path}: {Detail}";
}

/// <summary>What came of reading a foreign document: the value, or every reason why not; and what is odd about it.</summary>
public sealed record ReadResult<T>(T? Value, ImmutableArray<ReadError> Refusals, ImmutableArray<Finding> Warnings)
    where T : class
{
    public bool Ok => Value is not null && Refusals.IsEmpty;

    public static ReadResult<T> Refused(params ImmutableArray<ReadError> refusals) => new(null, refusals, []);

    public static ReadResult<T> Read(T value, params ImmutableArray<Finding> warnings) => new(value, [], warnings);

    /// <summary>The value, or an exception for callers who have already checked.</summary>
    public T OrThrow() => Ok ? Value! : throw new FormatException(string.Join("; ", Refusals.Select(r => r.ToString())));
}
