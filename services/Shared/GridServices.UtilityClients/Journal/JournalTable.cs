namespace GridServices.UtilityClients.Journal;

/// <summary>Where a protocol's journal is kept.</summary>
/// <param name="Name">The table.</param>
/// <param name="KeyColumn">The column with the engine's key, beside <c>tenant</c>.</param>
/// <param name="Columns">The protocol's own columns, snake_case; each is the property of the same name in PascalCase.</param>
public sealed record JournalTable(string Name, string KeyColumn, IReadOnlyList<string> Columns)
{
    /// <summary>Rows per engine that wait in memory while the store is away; then the oldest give way, so that the journal leaves memory to the engines.</summary>
    public int MostWaiting { get; init; } = 1_000;

    /// <summary>The columns with what was sent and received, which decide how large a row is.</summary>
    internal IEnumerable<string> Bodies => Columns.Where(c => c.EndsWith("body", StringComparison.Ordinal));

    internal static string ToProperty(string column) =>
        string.Concat(column.Split('_').Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
}
