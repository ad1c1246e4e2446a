using System.Xml.Linq;

namespace GridServices.Tariffs.Tests.Invoices;

/// <summary>The order of elements and how often they may occur, as the XSDs of UBL 2.1 (OASIS, ISO/IEC 19845:2015) have them; what an element may not hold is a fault.</summary>
internal static class UblOrder
{
    // A name alone = at most once; '*' = any number; '+' = at least one; '!' = exactly one.
    private static readonly Dictionary<string, string> Sequences = new(StringComparer.Ordinal)
    {
        ["Invoice"] =
            "UBLVersionID CustomizationID ProfileID ProfileExecutionID ID! CopyIndicator UUID IssueDate! IssueTime DueDate InvoiceTypeCode Note* TaxPointDate DocumentCurrencyCode TaxCurrencyCode PricingCurrencyCode PaymentCurrencyCode "
            + "PaymentAlternativeCurrencyCode AccountingCostCode AccountingCost LineCountNumeric BuyerReference InvoicePeriod* OrderReference BillingReference* DespatchDocumentReference* ReceiptDocumentReference* StatementDocumentReference* "
            + "OriginatorDocumentReference* ContractDocumentReference* AdditionalDocumentReference* ProjectReference* Signature* AccountingSupplierParty! AccountingCustomerParty! PayeeParty BuyerCustomerParty SellerSupplierParty "
            + "TaxRepresentativeParty Delivery* DeliveryTerms PaymentMeans* PaymentTerms* PrepaidPayment* AllowanceCharge* TaxExchangeRate PricingExchangeRate PaymentExchangeRate PaymentAlternativeExchangeRate TaxTotal* WithholdingTaxTotal* "
            + "LegalMonetaryTotal! InvoiceLine+",
        ["CreditNote"] =
            "UBLVersionID CustomizationID ProfileID ProfileExecutionID ID! CopyIndicator UUID IssueDate! IssueTime TaxPointDate CreditNoteTypeCode Note* DocumentCurrencyCode TaxCurrencyCode PricingCurrencyCode PaymentCurrencyCode "
            + "PaymentAlternativeCurrencyCode AccountingCostCode AccountingCost LineCountNumeric BuyerReference InvoicePeriod* DiscrepancyResponse* OrderReference BillingReference* DespatchDocumentReference* ReceiptDocumentReference* "
            + "ContractDocumentReference* AdditionalDocumentReference* StatementDocumentReference* OriginatorDocumentReference* Signature* AccountingSupplierParty! AccountingCustomerParty! PayeeParty BuyerCustomerParty SellerSupplierParty "
            + "TaxRepresentativeParty Delivery* DeliveryTerms* PaymentMeans* PaymentTerms* TaxExchangeRate PricingExchangeRate PaymentExchangeRate PaymentAlternativeExchangeRate AllowanceCharge* TaxTotal* LegalMonetaryTotal! CreditNoteLine+",
        ["InvoicePeriod"] = "StartDate StartTime EndDate EndTime DurationMeasure DescriptionCode* Description*",
        ["BillingReference"] = "InvoiceDocumentReference SelfBilledInvoiceDocumentReference CreditNoteDocumentReference SelfBilledCreditNoteDocumentReference DebitNoteDocumentReference ReminderDocumentReference AdditionalDocumentReference BillingReferenceLine*",
        ["InvoiceDocumentReference"] = "ID! CopyIndicator UUID IssueDate IssueTime DocumentTypeCode DocumentType",
        ["AdditionalDocumentReference"] = "ID! CopyIndicator UUID IssueDate IssueTime DocumentTypeCode DocumentType XPath* LanguageID LocaleCode VersionID DocumentStatusCode DocumentDescription* Attachment",
        ["AccountingSupplierParty"] = "CustomerAssignedAccountID AdditionalAccountID* DataSendingCapability Party",
        ["AccountingCustomerParty"] = "CustomerAssignedAccountID SupplierAssignedAccountID AdditionalAccountID* Party",
        ["Party"] = "MarkCareIndicator MarkAttentionIndicator WebsiteURI LogoReferenceID EndpointID IndustryClassificationCode PartyIdentification* PartyName* Language PostalAddress PhysicalLocation PartyTaxScheme* PartyLegalEntity* Contact Person*",
        ["PartyIdentification"] = "ID!",
        ["PostalAddress"] =
            "ID AddressTypeCode AddressFormatCode Postbox Floor Room StreetName AdditionalStreetName BlockName BuildingName BuildingNumber InhouseMail Department MarkAttention MarkCare PlotIdentification CitySubdivisionName CityName "
            + "PostalZone CountrySubentity CountrySubentityCode Region District TimezoneOffset AddressLine* Country LocationCoordinate*",
        ["Country"] = "IdentificationCode Name",
        ["PartyTaxScheme"] = "RegistrationName CompanyID TaxLevelCode ExemptionReasonCode ExemptionReason* RegistrationAddress TaxScheme!",
        ["TaxScheme"] = "ID Name TaxTypeCode CurrencyCode",
        ["PartyLegalEntity"] = "RegistrationName CompanyID RegistrationDate RegistrationExpirationDate CompanyLegalFormCode CompanyLegalForm",
        ["Contact"] = "ID Name Telephone Telefax ElectronicMail Note*",
        ["PaymentMeans"] = "ID PaymentMeansCode! PaymentDueDate PaymentChannelCode InstructionID InstructionNote* PaymentID* CardAccount PayerFinancialAccount PayeeFinancialAccount CreditAccount PaymentMandate",
        ["PayeeFinancialAccount"] = "ID Name AliasName AccountTypeCode AccountFormatCode CurrencyCode PaymentNote* FinancialInstitutionBranch Country",
        ["FinancialInstitutionBranch"] = "ID Name FinancialInstitution Address",
        ["PaymentTerms"] = "ID PaymentMeansID* PrepaidPaymentReferenceID Note*",
        ["TaxTotal"] = "TaxAmount! RoundingAmount TaxEvidenceIndicator TaxIncludedIndicator TaxSubtotal*",
        ["TaxSubtotal"] = "TaxableAmount TaxAmount! CalculationSequenceNumeric TransactionCurrencyTaxAmount Percent BaseUnitMeasure PerUnitAmount TierRange TierRatePercent TaxCategory!",
        ["TaxCategory"] = "ID Name Percent BaseUnitMeasure PerUnitAmount TaxExemptionReasonCode TaxExemptionReason* TierRange TierRatePercent TaxScheme!",
        ["ClassifiedTaxCategory"] = "ID Name Percent BaseUnitMeasure PerUnitAmount TaxExemptionReasonCode TaxExemptionReason* TierRange TierRatePercent TaxScheme!",
        ["LegalMonetaryTotal"] = "LineExtensionAmount TaxExclusiveAmount TaxInclusiveAmount AllowanceTotalAmount ChargeTotalAmount PrepaidAmount PayableRoundingAmount PayableAmount! PayableAlternativeAmount",
        ["InvoiceLine"] = Line("InvoicedQuantity", string.Empty),
        ["CreditNoteLine"] = Line("CreditedQuantity", "DiscrepancyResponse* "),
        ["Item"] =
            "Description* PackQuantity PackSizeNumeric CatalogueIndicator Name HazardousRiskIndicator AdditionalInformation* Keyword* BrandName* ModelName* BuyersItemIdentification SellersItemIdentification ManufacturersItemIdentification* "
            + "StandardItemIdentification CatalogueItemIdentification CatalogueDocumentReference ItemSpecificationDocumentReference* OriginCountry CommodityClassification* TransactionConditions* HazardousItem* ClassifiedTaxCategory* AdditionalItemProperty*",
        ["SellersItemIdentification"] = "ID! ExtendedID",
        ["Price"] = "PriceAmount! BaseQuantity PriceChangeReason* PriceTypeCode PriceType OrderableUnitFactorRate",
    };

    public static IEnumerable<string> Faults(XElement element)
    {
        if (!element.HasElements)
        {
            // UBL IND5: no element is empty.
            return element.Value.Length == 0 ? [$"{element.Name.LocalName} is empty"] : [];
        }

        return Sequences.TryGetValue(element.Name.LocalName, out var sequence)
            ? InSequence(element, sequence).Concat(element.Elements().SelectMany(Faults))
            : [$"{element.Name.LocalName} is not known to hold elements"];
    }

    private static IEnumerable<string> InSequence(XElement element, string sequence)
    {
        var names = sequence.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var places = names.Select((n, i) => (Name: n.TrimEnd('*', '+', '!'), Place: i)).ToDictionary(n => n.Name, n => n.Place, StringComparer.Ordinal);
        var last = -1;
        foreach (var child in element.Elements())
        {
            if (!places.TryGetValue(child.Name.LocalName, out var place) || place < last)
            {
                yield return $"{child.Name.LocalName} is not expected here in {element.Name.LocalName}";
            }
            else
            {
                last = place;
            }
        }

        foreach (var name in names)
        {
            var count = element.Elements().Count(e => e.Name.LocalName == name.TrimEnd('*', '+', '!'));
            if ((name.EndsWith('!') && count != 1) || (name.EndsWith('+') && count == 0) || (char.IsLetter(name[^1]) && count > 1))
            {
                yield return $"{element.Name.LocalName} has {count} of {name}";
            }
        }
    }

    private static string Line(string quantity, string more) =>
        $"ID! UUID Note* {quantity} LineExtensionAmount! TaxPointDate AccountingCostCode AccountingCost PaymentPurposeCode {(more.Length > 0 ? more : "InvoicePeriod* ")}{(more.Length > 0 ? "InvoicePeriod* " : "")}FreeOfChargeIndicator OrderLineReference* "
        + "DespatchLineReference* ReceiptLineReference* BillingReference* DocumentReference* PricingReference OriginatorParty Delivery* PaymentTerms* AllowanceCharge* TaxTotal* Item Price DeliveryTerms";
}
