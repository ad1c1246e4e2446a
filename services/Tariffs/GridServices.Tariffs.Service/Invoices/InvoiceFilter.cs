using System.Text;
using Dapper;
using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using GridServices.Tariffs.Invoices;
using NodaTime.Text;

namespace GridServices.Tariffs.Service.Invoices;

/// <summary>Which invoices a list is asked for.</summary>
internal sealed record InvoiceFilter
{
    public static readonly string[] Names = ["state", "sellerId", "buyerId", "meterId", "siteId", "chainId", "number", "from", "until", "provisional"];

    private static readonly (string Name, string Column)[] Plain =
    [
        ("sellerId", "i.seller_id = @sellerId"), ("buyerId", "i.buyer_id = @buyerId"), ("meterId", "i.meter_id = @meterId"), ("siteId", "i.site_id = @siteId"), ("chainId", "i.chain_id = @chainId"),
        ("number", "i.number = @number"), ("from", "i.issue_date >= @from"), ("until", "i.issue_date < @until"),
    ];

    private readonly Dictionary<string, string> values = new(StringComparer.Ordinal);

    /// <exception cref="ProblemException">A value is none that there is.</exception>
    public static InvoiceFilter Read(IQueryCollection query)
    {
        var filter = new InvoiceFilter();
        foreach (var name in Names)
        {
            if (query[name].ToString() is { Length: > 0 } value)
            {
                filter.values[name] = Checked(name, value);
            }
        }

        return filter;
    }

    /// <summary>Drafts are for those who make them.</summary>
    public bool IssuedOnly { get; init; }

    public (string Sql, DynamicParameters Values) Sql()
    {
        var (sql, parameters) = (new StringBuilder(), new DynamicParameters());
        foreach (var (name, column) in Plain)
        {
            if (values.TryGetValue(name, out var value))
            {
                sql.Append(" AND ").Append(column);
                parameters.Add(name, value);
            }
        }

        if (values.TryGetValue("provisional", out var flag))
        {
            sql.Append(" AND i.provisional = @provisional");
            parameters.Add("provisional", flag == "true" ? 1L : 0L);
        }

        if (values.TryGetValue("state", out var state))
        {
            sql.Append(StateSql(state));
            parameters.Add("creditNote", nameof(InvoiceKind.CreditNote));
        }

        return (sql.Append(IssuedOnly ? " AND i.number IS NOT NULL" : "").ToString(), parameters);
    }

    private static string StateSql(string state) => state switch
    {
        "draft" => " AND i.number IS NULL",
        "issued" => " AND i.number IS NOT NULL AND n.kind IS NULL",
        "credited" => " AND n.kind = @creditNote",
        _ => " AND n.kind <> @creditNote",
    };

    private static string Checked(string name, string value)
    {
        var fault = name switch
        {
            "state" => value is "draft" or "issued" or "credited" or "rebilled" ? null : "state is draft, issued, credited or rebilled.",
            "provisional" => value is "true" or "false" ? null : "provisional is true or false.",
            "from" or "until" => LocalDatePattern.Iso.Parse(value).Success ? null : $"{name} is a date such as 2026-02-01.",
            _ => null,
        };
        return fault is null ? value : throw new ProblemException(name is "from" or "until" ? ErrorClass.SemanticTime : ErrorClass.SemanticCode, fault, name);
    }
}
