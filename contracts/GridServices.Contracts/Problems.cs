using System.Collections.Frozen;
using System.Text;

namespace GridServices.Contracts;

/// <summary>Makes problem details (RFC 9457) of an <see cref="ErrorClass"/>; one table for every service.</summary>
public static partial class Problems
{
    /// <summary>What every problem's <c>type</c> begins with.</summary>
    public const string TypePrefix = "urn:gridservices:problem:";

    private static readonly FrozenDictionary<ErrorClass, string> Names = Enum.GetValues<ErrorClass>().ToFrozenDictionary(c => c, UpperSnake);
    private static readonly FrozenDictionary<string, ErrorClass> Classes = Names.ToFrozenDictionary(p => p.Value, p => p.Key, StringComparer.Ordinal);

    /// <param name="kind">The class; it gives type, title and HTTP status.</param>
    /// <param name="detail">What is wrong with this input and how to fix it, one line.</param>
    /// <param name="pointer">JSON Pointer (or XPath-like path) of the offending member.</param>
    public static Problem Create(ErrorClass kind, string detail, string? pointer = null) =>
        new() { Type = TypePrefix + Names[kind], Title = GetTitle(kind), Status = GetStatus(kind), Detail = detail, Pointer = pointer };

    /// <summary><c>SEMANTIC_TIME</c>.</summary>
    public static string GetName(ErrorClass kind) => Names[kind];

    /// <summary>The HTTP status of an answer that consists of this problem.</summary>
    public static int GetStatus(ErrorClass kind) => Table[kind].Status;

    /// <summary>The class in a few words.</summary>
    public static string GetTitle(ErrorClass kind) => Table[kind].Title;

    /// <summary>The class of a problem that another service sent; null when its type is not one of ours.</summary>
    public static ErrorClass? FindClass(Problem problem) =>
        problem.Type.StartsWith(TypePrefix, StringComparison.Ordinal) && Classes.TryGetValue(problem.Type[TypePrefix.Length..], out var kind)
            ? kind
            : null;

    private static string UpperSnake(ErrorClass kind)
    {
        var text = new StringBuilder();
        foreach (var c in kind.ToString())
        {
            if (char.IsUpper(c) && text.Length > 0)
            {
                text.Append('_');
            }

            text.Append(char.ToUpperInvariant(c));
        }

        return text.ToString();
    }
}
