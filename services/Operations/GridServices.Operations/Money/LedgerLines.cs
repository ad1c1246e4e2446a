using System.Globalization;
using System.Text;
using GridServices.Operations.Bulk;

namespace GridServices.Operations.Money;

/// <summary>A line for the accounting system. Amounts: + = the customer owes us.</summary>
/// <param name="Customer">Name or number.</param>
/// <param name="Account">Of the customer at us or at the utility.</param>
/// <param name="Amount">Rounded to the currency's smallest unit.</param>
/// <param name="Currency">ISO 4217.</param>
/// <param name="Period">Such as <c>2027-07</c>.</param>
/// <param name="DocumentNo">The bill's or settlement's number; the same document is never booked twice.</param>
/// <param name="Text">What it is for.</param>
public sealed record LedgerLine(string Customer, string Account, decimal Amount, string Currency, string Period, string DocumentNo, string Text = "");

/// <summary>Ledger lines as CSV.</summary>
public static class LedgerLines
{
    private static readonly string[] Head = ["customer", "account", "amount", "currency", "period", "document_no", "text"];
    private static readonly HashSet<string> WithoutCents = new(["JPY", "KRW", "CLP", "VND", "ISK", "PYG", "UGX", "XAF", "XOF", "XPF"], StringComparer.Ordinal);
    private static readonly HashSet<string> WithMils = new(["BHD", "KWD", "OMR", "TND", "JOD", "IQD", "LYD"], StringComparer.Ordinal);

    /// <summary>Digits after the point of the currency's smallest unit.</summary>
    public static int GetDigits(string currency) => WithoutCents.Contains(currency) ? 0 : WithMils.Contains(currency) ? 3 : 2;

    /// <exception cref="ArgumentException">An amount is finer than its currency, or a document is there twice for one account and text.</exception>
    public static string ToCsv(IEnumerable<LedgerLine> lines)
    {
        var (text, seen) = (new StringBuilder(CsvText.Line(Head)).Append("\r\n"), new HashSet<(string, string, string)>());
        foreach (var line in lines)
        {
            var digits = GetDigits(line.Currency);
            if (decimal.Round(line.Amount, digits) != line.Amount)
            {
                throw new ArgumentException($"document {line.DocumentNo}: {line.Amount} is finer than the currency's smallest unit", nameof(lines));
            }

            if (!seen.Add((line.DocumentNo, line.Account, line.Text)))
            {
                throw new ArgumentException($"document {line.DocumentNo} is there twice for account {line.Account}", nameof(lines));
            }

            text.Append(CsvText.Line([line.Customer, line.Account, line.Amount.ToString("F" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture), line.Currency, line.Period, line.DocumentNo, line.Text])).Append("\r\n");
        }

        return text.ToString();
    }
}
