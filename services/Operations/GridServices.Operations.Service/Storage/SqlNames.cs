using Dapper;

namespace GridServices.Operations.Service.Storage;

/// <summary>Lists of values in SQL, written out by name: Dapper's own lists differ between the two databases.</summary>
internal static class SqlNames
{
    /// <summary>Values that one statement asks for at most.</summary>
    internal const int AtOnce = 500;

    /// <summary>Adds the values as parameters.</summary>
    /// <returns>Their names, for <c>IN (…)</c>.</returns>
    internal static string Add(DynamicParameters parameters, string prefix, IEnumerable<string?> values)
    {
        var names = values.Select((value, i) =>
        {
            parameters.Add($"{prefix}{i}", value);
            return $"@{prefix}{i}";
        });
        return string.Join(", ", names.ToList());
    }
}
