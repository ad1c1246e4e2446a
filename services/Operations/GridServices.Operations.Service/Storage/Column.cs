namespace GridServices.Operations.Service.Storage;

/// <summary>A column beside the body that lists are filtered and sorted by.</summary>
/// <param name="Name">In SQL.</param>
/// <param name="Value">Text, a whole number, an Instant, or null.</param>
/// <param name="Filter">How <c>filter=name:value</c> compares; null = it does not.</param>
internal sealed record Column<T>(string Name, Func<T, object?> Value, ColumnFilter? Filter = ColumnFilter.Equal)
{
    /// <summary>As filters and sorts name it: <c>customerId</c> for <c>customer_id</c>.</summary>
    internal string Field { get; } = ColumnNames.ToField(Name);
}

/// <summary>How a filter compares with a column.</summary>
internal enum ColumnFilter
{
    Equal,

    /// <summary>The column contains the value, whatever its letter case.</summary>
    Contains,

    /// <summary>The column is words between spaces, and the value is one of them.</summary>
    Word,
}

internal static class ColumnNames
{
    internal static string ToField(string column)
    {
        var words = column.Split('_');
        return words[0] + string.Concat(words.Skip(1).Select(w => char.ToUpperInvariant(w[0]) + w[1..]));
    }
}

/// <summary>A column whose value is personal data: encrypted in the store and left out of the body.</summary>
internal sealed record SealedColumn<T>(string Name, Func<T, string?> Value);
