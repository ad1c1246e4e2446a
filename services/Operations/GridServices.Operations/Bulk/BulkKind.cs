namespace GridServices.Operations.Bulk;

/// <summary>The files of bulk work (section 6).</summary>
public enum BulkKind
{
    Sites,
    Meters,
    Contacts,
    Enrollments,
    Nominations,
    OptPlans,
}

/// <summary>Bounds of a file, so that a hostile or broken one ends soon.</summary>
public sealed record BulkLimits
{
    public static BulkLimits Default { get; } = new();

    public int MostRows { get; init; } = 100_000;

    /// <summary>Of a line, and of a record with line ends in quotes.</summary>
    public int MostCharacters { get; init; } = 65_536;

    /// <summary>Lines that a record in quotes may go on for.</summary>
    public int MostLines { get; init; } = 20;

    public int MostColumns { get; init; } = 100;
}

/// <summary>Something wrong, where it is, and how to put it right.</summary>
/// <param name="Line">Of the file, from 1.</param>
/// <param name="Column">The head's name; empty = the line as a whole.</param>
/// <param name="Value">As it is written, shortened.</param>
/// <param name="Message">What is wrong and what to write.</param>
/// <param name="IsWarning">The row is applied all the same.</param>
public sealed record BulkFault(int Line, string Column, string Value, string Message, bool IsWarning = false)
{
    public override string ToString() => Column.Length == 0 ? $"line {Line}: {Message}" : $"line {Line}, {Column} '{Value}': {Message}";
}
