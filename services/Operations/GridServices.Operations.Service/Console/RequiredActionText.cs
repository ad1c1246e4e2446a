using GridServices.Operations.Enrollments;
using GridServices.Operations.Service.Console.Texts;

namespace GridServices.Operations.Service.Console;

/// <summary>A required action in the reader's language; in the core's English where the console has no text of its own for its code.</summary>
internal static class RequiredActionText
{
    internal static string Describe(TextSet texts, RequiredAction action) => texts.Find($"action.{action.Code}") is { } own
        ? string.Format(System.Globalization.CultureInfo.InvariantCulture, own, action.Code == "field.missing" ? GetLabel(action) : action.Subject)
        : action.Text;

    /// <summary>Why an enrollment is where it is: the step that is open, where that is why; else as it was said.</summary>
    internal static string? DescribeReason(TextSet texts, Enrollment enrollment) =>
        enrollment.RequiredActions.FirstOrDefault(a => a.Text == enrollment.StateReason) is { } open ? Describe(texts, open) : enrollment.StateReason;

    /// <summary>What the program's form calls the field, in the program's own language.</summary>
    private static string GetLabel(RequiredAction action) => action.Text.LastIndexOf(':') is var end and > 0 ? action.Text[..end] : action.Text;
}
