using System.Diagnostics.CodeAnalysis;

namespace GridServices.Contracts;

/// <summary>One thing read from outside: the value, or the problem that refuses it. Never both.</summary>
public sealed record ReadOutcome<T>
    where T : class
{
    public T? Value { get; private init; }
    public Problem? Problem { get; private init; }

    /// <summary>The item's own id (CloudEvents <c>id</c>) where it could be read, also of refused items.</summary>
    public string? Id { get; private init; }

    public static ReadOutcome<T> From(T value, string? id = null) => new() { Value = value, Id = id };

    public static ReadOutcome<T> Refused(Problem problem, string? id = null) => new() { Problem = problem, Id = id };

    public bool TryGet([NotNullWhen(true)] out T? value, [NotNullWhen(false)] out Problem? problem)
    {
        value = Value;
        problem = Problem;
        return value is not null;
    }
}

/// <summary>A body with one item or an array of items, each of which stands for itself.</summary>
/// <param name="Items">In the order of the body; empty when the body as a whole is refused.</param>
/// <param name="Refusal">Why the body as a whole can't be read; null when it could.</param>
/// <param name="IsBatch">True when the body was an array.</param>
public sealed record BatchOutcome<T>(IReadOnlyList<ReadOutcome<T>> Items, Problem? Refusal, bool IsBatch)
    where T : class;

/// <summary>Bounds on a body as a whole.</summary>
/// <param name="MaxBytes">Largest body.</param>
/// <param name="MaxItems">Most items of a batch.</param>
public sealed record BodyLimits(int MaxBytes = 16 * 1024 * 1024, int MaxItems = 20_000)
{
    public static BodyLimits Default { get; } = new();

    /// <summary>Most JSON tokens (names, values, brackets) of a body: each takes more memory than a tiny value takes bytes.</summary>
    public int MaxTokens { get; init; } = 2_000_000;
}
