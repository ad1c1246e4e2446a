using System.Xml.Linq;
using static GridServices.Tariffs.Tests.Invoices.UblReader;

namespace GridServices.Tariffs.Tests.Invoices;

/// <summary>The rules of EN 16931-1 for VAT breakdowns: BR-45 to BR-48, BR-CO-17, BR-S, BR-Z, BR-E, BR-AE and BR-O.</summary>
internal static class En16931VatRules
{
    private static readonly string[] Categories = ["S", "Z", "E", "AE", "O"];

    public static void Check(UblReader ubl, Action<string, bool> rule)
    {
        foreach (var share in ubl.Shares)
        {
            var category = ShareCategory(share);
            rule("BR-45", Text(share, "TaxableAmount") is not null);
            rule("BR-46", Text(share, "TaxAmount") is not null);
            rule("BR-47", Text(category, "ID") is not null);
            rule("BR-48", Text(category, "Percent") is not null || Text(category, "ID") == "O");
            rule("BR-CL-18", Categories.Contains(Text(category, "ID")));

            // BR-CO-17: taxable x rate / 100, rounded: to two decimals, or to whole units where the amounts have none.
            var exact = Number(share, "TaxableAmount") * Number(category, "Percent") / 100;
            rule("BR-CO-17", Math.Abs(exact - Number(share, "TaxAmount")) <= (Text(share, "TaxAmount")!.Contains('.', StringComparison.Ordinal) ? 0.005m : 0.5m));
        }

        foreach (var code in Categories)
        {
            Category(ubl, code, rule);
        }
    }

    private static void Category(UblReader ubl, string code, Action<string, bool> rule)
    {
        XElement[] shares = [.. ubl.Shares.Where(s => Text(ShareCategory(s), "ID") == code)];
        XElement[] lines = [.. ubl.Lines.Where(l => Text(LineCategory(l), "ID") == code)];
        rule($"BR-{code}-01", lines.Length == 0 ? shares.Length == 0 : code == "S" ? shares.Length > 0 : shares.Length == 1);
        if (lines.Length == 0)
        {
            return;
        }

        Identifiers(ubl, code, rule);
        foreach (var line in lines)
        {
            var percent = Text(LineCategory(line), "Percent");
            rule($"BR-{code}-05", code switch { "S" => Number(LineCategory(line), "Percent") > 0, "O" => percent is null, _ => percent is "0" });
        }

        foreach (var share in shares)
        {
            var rate = Number(ShareCategory(share), "Percent");
            rule($"BR-{code}-08", Number(share, "TaxableAmount") == lines.Where(l => Number(LineCategory(l), "Percent") == rate).Sum(l => Number(l, "LineExtensionAmount")));
            rule($"BR-{code}-09", code == "S" || Number(share, "TaxAmount") == 0);
            rule($"BR-{code}-10", code is "S" or "Z" == Text(ShareCategory(share), "TaxExemptionReason") is null);
        }

        rule("BR-S-08", shares.Select(s => Number(ShareCategory(s), "Percent")).Distinct().Count() == shares.Length);
    }

    private static void Identifiers(UblReader ubl, string code, Action<string, bool> rule)
    {
        if (code == "O")
        {
            rule("BR-O-02", !VatIds(ubl.Seller).Any() && !VatIds(ubl.Buyer).Any());
            rule("BR-O-11", ubl.Shares.Length == 1);
            rule("BR-O-12", ubl.Lines.All(l => Text(LineCategory(l), "ID") == "O"));
            return;
        }

        rule($"BR-{code}-02", HasTaxId(ubl.Seller));
        if (code == "AE")
        {
            rule("BR-AE-02", VatIds(ubl.Buyer).Any() || Text(ubl.Buyer, "PartyLegalEntity", "CompanyID") is not null);
        }
    }
}
