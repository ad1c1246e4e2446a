using GridServices.Contracts;

namespace GridServices.Operations.Service.Registry;

/// <summary>What was sent is refused, each fault with its place: answered as a problem with <c>errors[]</c> (pointers) and <c>fields[]</c> (for forms).</summary>
internal sealed class FormException(IReadOnlyList<ConfigFault> faults) : Exception(faults[0].Detail)
{
    internal FormException(ErrorClass errorClass, string pointer, string detail)
        : this([new ConfigFault(errorClass, pointer, detail)])
    {
    }

    internal IReadOnlyList<ConfigFault> Faults => faults;

    internal Problem ToProblem()
    {
        var first = faults[0];
        var sentence = first.Pointer.Length == 0 ? first.Detail : $"{first.Pointer} {first.Detail}";
        return Problems.Create(first.Class, faults.Count == 1 ? sentence : $"{faults.Count} faults, see errors. The first: {sentence}", first.Pointer);
    }

    /// <summary>The name of a form's field: <c>address.city</c> for <c>/address/city</c>.</summary>
    internal static string ToField(string pointer) =>
        pointer.TrimStart('/').Replace('/', '.').Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
}
