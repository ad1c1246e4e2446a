using System.Collections.Immutable;
using GridServices.Contracts;
using GridServices.Contracts.Json;

namespace GridServices.Tariffs.Readers;

/// <summary>Members that a foreign format does not have. Parties may add their own, so an unknown one is told and not refused.</summary>
internal static class UnknownMembers
{
    /// <param name="holder">The object.</param>
    /// <param name="format">Whose members they are.</param>
    /// <param name="known">What it may have.</param>
    /// <param name="nearOnly">Only those that look like a known one written wrong: where parties often add members of their own.</param>
    /// <param name="problems">Where to tell it.</param>
    public static void Report(JsonMember holder, string format, ImmutableArray<string> known, bool nearOnly, ReadProblems problems)
    {
        foreach (var name in holder.IsObject ? holder.Raw.EnumerateObject().Select(m => m.Name).Where(n => !known.Contains(n)) : [])
        {
            var near = Spelling.Nearest(name, known);
            if (!nearOnly || near is not null)
            {
                problems.Warn(
                    ErrorClass.SchemaInvalid, $"{holder.Pointer}/{SafeText.Short(name)}",
                        $"{format} has no '{SafeText.Short(name)}' here, and it counts for nothing; {(near is null ? $"known are {string.Join(", ", known)}" : $"did you mean {near}?")}");
            }
        }
    }
}
