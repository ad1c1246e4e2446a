using System.Collections.Immutable;
using GridServices.Contracts;
using GridServices.Tariffs.Readers;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Tariffs.Invoices;

/// <summary>Reads what a person PUTs as a party or a series; every fault at once, with its place and how to fix it.</summary>
public static class PartyJson
{
    private const int MostText = 200;
    private const int MostDays = 365;

    public static ReadResult<InvoiceParty> Read(ReadOnlyMemory<byte> json)
    {
        var read = TariffJson.Part<InvoiceParty>(json);
        if (!read.Ok)
        {
            return read;
        }

        var faults = ImmutableArray.CreateBuilder<ReadError>();
        Check(read.Value!, faults);
        if (read.Value!.Vat is { } vat)
        {
            faults.AddRange(VatFaults(vat, "/vat"));
        }

        return new ReadResult<InvoiceParty>(faults.Count == 0 ? read.Value : null, faults.ToImmutable(), []);
    }

    public static ReadResult<NumberSeries> ReadSeries(ReadOnlyMemory<byte> json)
    {
        var read = TariffJson.Part<NumberSeries>(json);
        return read.Ok && NumberSeries.Fault(read.Value!.Format) is { } fault ? ReadResult<NumberSeries>.Refused(new ReadError(ErrorClass.SemanticText, "/format", fault)) : read;
    }

    /// <summary>What EN 16931 says of categories, rates and reasons.</summary>
    internal static ImmutableArray<ReadError> VatFaults(VatTerms vat, string at)
    {
        var faults = ImmutableArray.CreateBuilder<ReadError>();
        if (vat.Rules.IsDefaultOrEmpty)
        {
            faults.Add(new ReadError(ErrorClass.SemanticEmpty, $"{at}/rules", "say how lines are taxed, e.g. [{\"category\":\"S\",\"rate\":19}]"));
            return faults.ToImmutable();
        }

        for (var i = 0; i < vat.Rules.Length; i++)
        {
            var (rule, place) = (vat.Rules[i], $"{at}/rules/{i}");
            var isTaxed = rule.Category == VatCategory.S;
            if (isTaxed ? rule.Rate is <= 0 or > 100 : rule.Rate != 0)
            {
                faults.Add(new ReadError(ErrorClass.SemanticNumber, $"{place}/rate", isTaxed ? "the rate of category S is above 0 and at most 100 percent (BR-S-05)"
                    : $"category {rule.Category} has no rate; leave it out"));
            }

            if (decimal.Round(rule.Rate, 2) != rule.Rate)
            {
                faults.Add(new ReadError(ErrorClass.SemanticNumber, $"{place}/rate", "a rate has at most two decimals"));
            }

            var needsReason = rule.Category is VatCategory.E or VatCategory.AE or VatCategory.O;
            if (needsReason ? rule.Reason is null || !Identifiers.IsPlainText(rule.Reason, MostText) : rule.Reason is not null)
            {
                faults.Add(new ReadError(ErrorClass.SchemaInvalid, $"{place}/reason", needsReason
                    ? $"category {rule.Category} says why no VAT is charged (BR-{rule.Category}-10), in 1 to {MostText} characters"
                    : $"category {rule.Category} has no reason (BR-{rule.Category}-10); leave it out"));
            }
        }

        return faults.ToImmutable();
    }

    private static void Check(InvoiceParty party, ImmutableArray<ReadError>.Builder faults)
    {
        void Require(bool holds, ErrorClass error, string at, string detail)
        {
            if (!holds)
            {
                faults.Add(new ReadError(error, at, detail));
            }
        }

        foreach (var (text, at) in Texts(party))
        {
            Require(text is null || (Identifiers.IsPlainText(text, MostText) && text.Trim().Length > 0), ErrorClass.SemanticText, at, $"has 1 to {MostText} visible characters");
        }

        Require(CountryCodes.Has(party.Address.Country), ErrorClass.SemanticCode, "/address/country", $"'{SafeText.Short(party.Address.Country)}' is no ISO 3166-1 alpha-2 code; write e.g. DE");
        Require(
            party.VatId is not { } vat || (vat.Length is >= 4 and <= 20 && vat.All(char.IsAsciiLetterOrDigit) && CountryCodes.IsVatPrefix(vat[..2])),
            ErrorClass.SemanticId, "/vatId", "a VAT identifier has its country's prefix (EL for Greece) and letters and digits only, e.g. DE123456789 (BR-CO-09)");
        Require(party.PaymentDays is null or (>= 0 and <= MostDays), ErrorClass.SemanticNumber, "/paymentDays", $"payment days are 0 to {MostDays}");
        Require(party.TimeZone is not { } zone || DateTimeZoneProviders.Tzdb.GetZoneOrNull(zone) is not null, ErrorClass.SemanticTz, "/timeZone", "name an IANA zone, e.g. Europe/Berlin");
        Require(party.Electronic is not { } e || (e.Scheme.Length is >= 2 and <= 4 && e.Scheme.All(char.IsAsciiLetterOrDigit)), ErrorClass.SemanticCode,
            "/electronic/scheme", "a code of the EAS list, e.g. 9930 or EM (BR-62, BR-63)");
        Require(party.Payment is not { } p || p.Means is "30" or "58", ErrorClass.SemanticCode, "/payment/means", "30 (credit transfer) or 58 (SEPA credit transfer)");
    }

    private static IEnumerable<(string? Text, string At)> Texts(InvoiceParty party) =>
    [
        (party.Name, "/name"), (party.TaxId, "/taxId"), (party.LegalId, "/legalId"), (party.Account, "/account"),
        (party.Address.Street, "/address/street"), (party.Address.City, "/address/city"), (party.Address.PostCode, "/address/postCode"), (party.Address.Region, "/address/region"),
        (party.Electronic?.Id, "/electronic/id"), (party.Contact?.Name, "/contact/name"), (party.Contact?.Phone, "/contact/phone"), (party.Contact?.Email, "/contact/email"),
        (party.Payment?.Account, "/payment/account"), (party.Payment?.Name, "/payment/name"), (party.Payment?.Bank, "/payment/bank"),
    ];
}
