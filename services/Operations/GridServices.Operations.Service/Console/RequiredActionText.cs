using GridServices.Operations.Enrollments;
using GridServices.Operations.Service.Console.Texts;

namespace GridServices.Operations.Service.Console;

/// <summary>A required action in the reader's language; in the core's English where the console has no text of its own for its code.</summary>
internal static class RequiredActionText
{
    internal static string Describe(TextSet texts, RequiredAction action) => texts.Find($"action.{action.Code}") is { } own
        ? string.Format(System.Globalization.CultureInfo.InvariantCulture, own, action.Subject)
        : action.Text;
}
