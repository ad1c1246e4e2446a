using System.Text.RegularExpressions;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Operations.Bulk;

internal sealed partial class RowFields
{
    /// <summary>A date whose day and month can't be mistaken: 31.05.2027, 13/05/2027.</summary>
    private static LocalDate? Dotted(string text)
    {
        var match = DottedDate().Match(text);
        if (!match.Success || !LocalDatePattern.CreateWithInvariantCulture("d.M.uuuu").Parse($"{match.Groups["first"].Value}.{match.Groups["second"].Value}.{match.Groups["year"].Value}").TryGetValue(default, out var dayFirst))
        {
            return null;
        }

        return match.Groups["mark"].Value == "." || dayFirst.Day > 12 ? dayFirst : null;
    }

    [GeneratedRegex(@"^[^\s@,;<>()""]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,180}[A-Za-z0-9])?\.[A-Za-z]{2,63}\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex MailForm();

    [GeneratedRegex(@"^\+[1-9][0-9]{6,14}\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex PhoneForm();

    [GeneratedRegex(@"[ ()./-]", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex PhoneMarks();

    [GeneratedRegex(@"^(?<first>[0-9]{1,2})(?<mark>[./-])(?<second>[0-9]{1,2})\k<mark>(?<year>20[0-9]{2}|21[0-9]{2})\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex DottedDate();
}
