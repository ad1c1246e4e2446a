using System.Globalization;
using GridServices.Operations.Programs;
using NodaTime.Text;

namespace GridServices.Operations.Enrollments;

/// <summary>Holds answers against the template's fields; the console's wizard and the CSV import ask the same.</summary>
public static class FormAnswers
{
    /// <summary>What is missing or wrong, field by field, in the template's order; answers to fields that the template does not ask are named too.</summary>
    public static IEnumerable<RequiredAction> Check(ProgramTemplate template, Answers answers)
    {
        ArgumentNullException.ThrowIfNull(template);
        ArgumentNullException.ThrowIfNull(answers);
        foreach (var field in template.RequiredFields.Where(f => IsAsked(f.When, answers)))
        {
            var answer = answers[field.Name];
            if (answer is null && field.Required)
            {
                yield return Action("field.missing", field.Name, $"{field.Label}: not answered yet");
            }
            else if (answer is not null && FindFault(field, answer) is { } fault)
            {
                yield return Action("field.invalid", field.Name, $"{field.Label}: {fault}");
            }
        }

        foreach (var (name, _) in answers.All.Where(a => template.RequiredFields.All(f => f.Name != a.Key)))
        {
            var near = Contracts.Spelling.Nearest(name, template.RequiredFields.Select(f => f.Name));
            yield return Action("field.unknown", name, near is null ? $"the program does not ask for '{name}'; take the answer away" : $"the program does not ask for '{name}'; did you mean {near}?")
                with
            { Blocks = false };
        }
    }

    /// <summary>Whether a field or document is asked with these answers.</summary>
    public static bool IsAsked(FieldCondition? when, Answers answers) => when is null || string.Equals(answers[when.Field], when.Value, StringComparison.Ordinal);

    /// <summary>Why an answer is none; null = it is one.</summary>
    public static string? FindFault(TemplateField field, string answer)
    {
        ArgumentNullException.ThrowIfNull(field);
        return field.Type switch
        {
            FieldType.Number => CheckNumber(field, answer),
            FieldType.Integer => CheckNumber(field, answer) ?? (ParseNumber(answer) % 1 == 0 ? null : "must be a whole number"),
            FieldType.Boolean => answer is "true" or "false" ? null : "must be yes or no (true or false)",
            FieldType.Attestation => answer == "true" ? null : "must be confirmed (true) for the application to be handed in",
            FieldType.Date => LocalDatePattern.Iso.Parse(answer).Success ? null : "must be a date such as 2027-05-01",
            FieldType.Choice => field.Choices.Contains(answer, StringComparer.Ordinal) ? null : $"must be one of {string.Join(", ", field.Choices)}",
            FieldType.Email => IsEmail(answer) ? null : "must be an e-mail address",
            _ => Contracts.Identifiers.IsPlainText(answer, 1000) ? null : "must be text of at most 1000 characters on one line",
        };
    }

    /// <summary>The number that an answer is, for the form and for every document that is made of it: what the form takes is nowhere read as nothing.</summary>
    /// <returns>Null: it is none.</returns>
    internal static decimal? ParseNumber(string? answer) =>
        decimal.TryParse(answer, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>An amount of 0 or more; null: the answer is none, or there is no answer.</summary>
    internal static decimal? ParseAmount(string? answer) => ParseNumber(answer) is >= 0 and { } amount ? amount : null;

    /// <summary>One address without a name: a local part, @, and a host with a dot. Whether it exists only a message shows.</summary>
    internal static bool IsEmail(string text)
    {
        var at = text.IndexOf('@', StringComparison.Ordinal);
        var host = at < 0 ? string.Empty : text[(at + 1)..];
        return at is > 0 and <= 64 && text.Length <= 254 && !text.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || c is '<' or '>' or ',' or ';' or '"')
            && host.IndexOf('.', StringComparison.Ordinal) > 0 && host[^1] != '.' && !host.Contains('@', StringComparison.Ordinal) && !host.Contains("..", StringComparison.Ordinal);
    }

    private static string? CheckNumber(TemplateField field, string answer)
    {
        if (ParseNumber(answer) is not { } number)
        {
            return "must be a number such as 12.5";
        }

        return (number < field.Min || number > field.Max)
            ? string.Create(CultureInfo.InvariantCulture, $"must be {(field.Min is { } min && field.Max is { } max ? $"between {min} and {max}" : field.Min is { } least ? $"at least {least}" : $"at most {field.Max}")} {field.Unit}").TrimEnd()
            : null;
    }

    private static RequiredAction Action(string code, string field, string text) =>
        new() { Code = code, Owner = ActionOwner.Us, Pointer = $"/answers/{field}", Subject = field, Text = text };
}
