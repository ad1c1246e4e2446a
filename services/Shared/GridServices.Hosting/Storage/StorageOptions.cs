using GridServices.Hosting.Configuration;

namespace GridServices.Hosting.Storage;

/// <summary>Where the service keeps its store.</summary>
public sealed record StorageOptions : ISettings
{
    private const int MostOfSchema = 63;

    public static string Section => "Storage";

    /// <summary>Folder of the SQLite file `{service}.db`; where it is unset: `data`.</summary>
    public string? Path { get; init; }

    /// <summary>Connection string; then the store is a schema there, and `Path` keeps only what is in files. With `Cluster:PostgreSql`: there.</summary>
    public string? PostgreSql { get; init; }

    /// <summary>Schema in PostgreSQL, of a-z, 0-9, `_` and `-`; where it is unset: the service's name, with `_` for `-`.</summary>
    public string? Schema { get; init; }

    /// <summary>The folder for files, as it is set or by default.</summary>
    public string Folder => Path is { Length: > 0 } ? Path : "data";

    public IEnumerable<string> Validate() => Schema is null or { Length: 0 } || IsSchema(Schema) ? [] : [$"Storage:Schema {SchemaProblem(Schema)}"];

    /// <summary>Written so, it is the same in quotes and without: PostgreSQL reads any other name in two ways.</summary>
    internal static bool IsSchema(string name) =>
        name.Length is > 0 and <= MostOfSchema && name[0] != '-' && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '_' or '-');

    internal static string SchemaProblem(string name) =>
        $"'{name}' is no name for a schema: use 1 to {MostOfSchema} of a-z, 0-9, '_' and '-', and no '-' at the beginning, e.g. envelope_hub.";
}
