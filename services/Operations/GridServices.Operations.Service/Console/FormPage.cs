using System.Globalization;
using GridServices.Hosting.Refusals;
using GridServices.Operations.Service.Registry;
using NodaTime.Text;

namespace GridServices.Operations.Service.Console;

/// <summary>One field as it is drawn: what it is called, what is in it, what is wrong with it.</summary>
internal sealed record FieldView(string Name, string Label, string? Value)
{
    public string Type { get; init; } = "text";

    public string? Hint { get; init; }

    public string? Unit { get; init; }

    public string? Error { get; init; }

    public bool Required { get; init; }

    public string? Complete { get; init; }

    /// <summary>With choices it is a list: value and text.</summary>
    public IReadOnlyList<(string Value, string Text)>? Choices { get; init; }
}

/// <summary>A page with a form. Fields are named as the API's bodies name them (<c>address.city</c>), so that its faults come to their fields.</summary>
internal abstract class FormPage(PageUi ui) : ConsolePage(ui)
{
    private const int MostBytes = 1024 * 1024;
    private const NumberStyles Numeral = NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite;

    /// <summary>What the fields hold before anything is sent.</summary>
    internal Dictionary<string, string?> Initial { get; } = new(StringComparer.Ordinal);

    /// <summary>What is in a field: what was sent, else what is stored.</summary>
    internal string? Value(string field) => HttpMethods.IsPost(Request.Method) && Request.HasFormContentType && Request.Form.TryGetValue(field, out var sent)
        ? sent.ToString()
        : Initial.GetValueOrDefault(field);

    internal FieldView Field(string name, string labelKey, string? hintKey = null, bool required = false) => new(name, Ui.T[labelKey], Value(name))
    {
        Hint = hintKey is null ? null : Ui.T[hintKey],
        Error = Error(name),
        Required = required,
    };

    internal FieldView Choice(string name, string labelKey, IEnumerable<(string Value, string Text)> choices, string? hintKey = null, bool required = false) =>
        Field(name, labelKey, hintKey, required) with { Choices = [("", Ui.T["none"]), .. choices] };

    /// <summary>A trimmed text; null where the field is empty.</summary>
    protected string? Text(string field) => Value(field)?.Trim() is { Length: > 0 } text ? text : null;

    /// <summary>The choice of a button; a word that is missing or not known is none, and least of all the first one.</summary>
    /// <exception cref="ProblemException">422: there is none.</exception>
    protected T RequireChoice<T>(string field)
        where T : struct, Enum =>
        Enum.GetValues<T>().Where(value => string.Equals(value.ToString(), Text(field), StringComparison.OrdinalIgnoreCase)).Cast<T?>().FirstOrDefault()
        ?? throw new ProblemException(GridServices.Contracts.ErrorClass.SemanticCode, Ui.T["bulk.noAction"], field);

    /// <summary>Lines from a file of up to 1 MB, else those pasted into the field <c>lines</c>.</summary>
    protected async Task<string> LinesAsync(IFormFile? file)
    {
        if (file is not { Length: > 0 and <= MostBytes })
        {
            return Text("lines") ?? string.Empty;
        }

        using var reader = new StreamReader(file.OpenReadStream(), System.Text.Encoding.UTF8);
        return await reader.ReadToEndAsync(HttpContext.RequestAborted);
    }

    protected string Required(string field)
    {
        var text = Text(field);
        if (text is null)
        {
            Errors[field] = Ui.T["field.required"];
        }

        return text ?? string.Empty;
    }

    /// <summary>A number in the signs of the reader's language; another sign is refused, for 1.234 is not the same number in every language.</summary>
    protected decimal? Number(string field)
    {
        if (Text(field) is not { } text)
        {
            return null;
        }

        // Numbers are shown with the minus of typography; keyboards have the hyphen.
        if (decimal.TryParse(text.Replace("-", Ui.T.Language.Numbers.NegativeSign, StringComparison.Ordinal), Numeral, Ui.T.Language.Numbers, out var number))
        {
            return number;
        }

        Errors[field] = Ui.T["field.number"];
        return null;
    }

    /// <summary>Power typed in kW, as W; must come out whole.</summary>
    protected long? Watts(string field)
    {
        if (Number(field) is not { } kilowatts)
        {
            return null;
        }

        var watts = kilowatts * 1_000m;
        if (watts == decimal.Truncate(watts) && Math.Abs(watts) < 1_000_000_000_000m)
        {
            return (long)watts;
        }

        Errors[field] = Ui.T["field.watts"];
        return null;
    }

    protected NodaTime.LocalDate? Date(string field)
    {
        if (Text(field) is not { } text)
        {
            return null;
        }

        var parsed = LocalDatePattern.Iso.Parse(text);
        if (!parsed.Success)
        {
            Errors[field] = Ui.T["field.date"];
        }

        return parsed.Success ? parsed.Value : null;
    }

    /// <summary>W as kW in the signs of the language, for a field.</summary>
    protected string? InKilowatts(long? watts) => watts is { } w ? InNumber(w / 1_000m) : null;

    protected string? InNumber(decimal? number) => number?.ToString("0.######", Ui.T.Language.Numbers);

    /// <summary>Does what may be refused; what is wrong comes to its field.</summary>
    /// <returns>False: it was refused.</returns>
    protected async Task<bool> TryAsync(Func<Task> work)
    {
        if (Errors.Count > 0)
        {
            return false;
        }

        try
        {
            await work();
            // The work may have found a fault itself, and then it has done nothing.
            return Errors.Count == 0;
        }
        catch (FormException refused)
        {
            foreach (var fault in refused.Faults)
            {
                Errors[FormException.ToField(fault.Pointer) is { Length: > 0 } field ? field : "form"] = FaultText.Translate(Ui.T, fault.Detail);
            }

            return false;
        }
    }
}
