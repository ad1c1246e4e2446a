using GridServices.Hosting.Storage;

namespace GridServices.Hosting.Moving;

/// <summary>What <c>move-store</c> was asked for.</summary>
/// <param name="To">The connection string; null: that of <c>Storage:PostgreSql</c>.</param>
/// <param name="Schema">The schema; null: that of <c>Storage:Schema</c>, else the service's name with <c>_</c> for <c>-</c>.</param>
/// <param name="EmptyTarget">Tables of the target's schema may be dropped first.</param>
/// <param name="Settings">The rest: settings of the service.</param>
internal sealed record MoveArguments(string? To, string? Schema, bool EmptyTarget, IReadOnlyList<string> Settings)
{
    private const string ToOption = "--to", SchemaOption = "--schema", EmptyOption = "--empty-target";

    internal const string Usage = """
        Usage: SERVICE move-store [--to CONNECTION] [--schema NAME] [--empty-target] [settings of the service, e.g. --Settings FILE]

        Copies the service's SQLite store into a schema of PostgreSQL, compares both, and keeps the service from starting on the old store. Stop the service first.
        --to            where to, e.g. "Host=db;Database=gridservices;Username=gridservices"; left out: Storage:PostgreSql of the settings. A password on the
                        command line can be seen by others: name it in the settings, or in the file of PGPASSFILE.
        --schema        the schema; left out: Storage:Schema of the settings, else the service's name with _ for -
        --empty-target  drop the tables that the schema has: for a move that is begun again. Everything in them is lost.
        """;

    /// <returns>Null: they can't be meant, and <paramref name="problem"/> says why.</returns>
    internal static MoveArguments? Parse(IReadOnlyList<string> args, out string problem)
    {
        var (read, settings) = (new MoveArguments(null, null, false, []), new List<string>());
        problem = string.Empty;
        for (var i = 0; i < args.Count; i++)
        {
            var (name, value) = args[i].Split('=', 2) is [var option, var rest] && option is ToOption or SchemaOption ? (option, rest) : (args[i], null);
            if (name is ToOption or SchemaOption)
            {
                value ??= ++i < args.Count ? args[i] : string.Empty;
                if (string.IsNullOrWhiteSpace(value) || (name == SchemaOption && !StorageOptions.IsSchema(value)))
                {
                    problem = string.IsNullOrWhiteSpace(value) ? $"{name} takes a value." : $"{name} {StorageOptions.SchemaProblem(value)}";
                    return null;
                }

                read = name == ToOption ? read with { To = value } : read with { Schema = value };
            }
            else if (name == EmptyOption)
            {
                read = read with { EmptyTarget = true };
            }
            else if (!name.StartsWith("--", StringComparison.Ordinal) && !(i > 0 && args[i - 1].StartsWith("--", StringComparison.Ordinal) && !args[i - 1].Contains('=', StringComparison.Ordinal)))
            {
                problem = $"'{name}' is neither an option nor the value of one.";
                return null;
            }
            else
            {
                settings.Add(name);
            }
        }

        return read with { Settings = settings };
    }
}
