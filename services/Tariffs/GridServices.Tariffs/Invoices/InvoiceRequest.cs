using System.Collections.Immutable;
using GridServices.Contracts;
using GridServices.Tariffs.Readers;
using GridServices.Wire;

namespace GridServices.Tariffs.Invoices;

/// <summary>The bill of one meter in a billing run, to be invoiced.</summary>
public sealed record InvoiceRequest
{
    /// <summary>The billing run that holds the bill.</summary>
    public required string RunId { get; init; }

    public required string MeterId { get; init; }

    /// <summary>A party.</summary>
    public required string SellerId { get; init; }

    /// <summary>A party.</summary>
    public required string BuyerId { get; init; }

    /// <summary>The series that gives it and its corrections their numbers; one of the seller's.</summary>
    public required string SeriesId { get; init; }

    /// <summary>How its lines are taxed; absent = as the seller says.</summary>
    public VatTerms? Vat { get; init; }

    /// <summary>BT-10: what the buyer wants to find on it.</summary>
    public string? BuyerReference { get; init; }

    public static ReadResult<InvoiceRequest> Read(ReadOnlyMemory<byte> json)
    {
        var read = TariffJson.Part<InvoiceRequest>(json);
        if (!read.Ok)
        {
            return read;
        }

        var request = read.Value!;
        var faults = ImmutableArray.CreateBuilder<ReadError>();
        foreach (var (id, at) in new[] { (request.RunId, "/runId"), (request.MeterId, "/meterId"), (request.SellerId, "/sellerId"), (request.BuyerId, "/buyerId"), (request.SeriesId, "/seriesId") })
        {
            if (!Identifiers.IsSafe(id))
            {
                faults.Add(new ReadError(ErrorClass.SemanticId, at, "an id has 1 to 128 of A-Z a-z 0-9 . _ : ~ - and begins with a letter, digit or _"));
            }
        }

        if (request.BuyerId == request.SellerId)
        {
            faults.Add(new ReadError(ErrorClass.SemanticReference, "/buyerId", "the buyer is the seller; name whom the invoice is for"));
        }

        if (request.BuyerReference is { } reference && !Identifiers.IsPlainText(reference, InvoiceAction.MostText))
        {
            faults.Add(new ReadError(ErrorClass.SemanticText, "/buyerReference", $"has 1 to {InvoiceAction.MostText} visible characters"));
        }

        if (request.Vat is { } vat)
        {
            faults.AddRange(PartyJson.VatFaults(vat, "/vat"));
        }

        return new ReadResult<InvoiceRequest>(faults.Count == 0 ? request : null, faults.ToImmutable(), []);
    }
}

/// <summary>What is done with an invoice: credit (nothing but a reason), or rebill from a later run.</summary>
public sealed record InvoiceAction
{
    internal const int MostText = 200;

    /// <summary>rebill: the billing run that holds the later bill of the same meter.</summary>
    public string? RunId { get; init; }

    /// <summary>rebill: how its lines are taxed; absent = as the seller says now.</summary>
    public VatTerms? Vat { get; init; }

    /// <summary>For the buyer, in plain words; stands on the document.</summary>
    public string? Reason { get; init; }

    /// <param name="json">The body.</param>
    /// <param name="isRebill">A rebill names a run; a credit has a reason at most.</param>
    public static ReadResult<InvoiceAction> Read(ReadOnlyMemory<byte> json, bool isRebill)
    {
        var read = TariffJson.Part<InvoiceAction>(json);
        if (!read.Ok)
        {
            return read;
        }

        var action = read.Value!;
        var faults = ImmutableArray.CreateBuilder<ReadError>();
        if (isRebill != action.RunId is not null)
        {
            faults.Add(new ReadError(ErrorClass.SchemaInvalid, "/runId", isRebill ? "missing: the billing run that holds the later bill"
                : "a credit takes back what was invoiced and needs no bill; leave it out"));
        }

        if (!isRebill && action.Vat is not null)
        {
            faults.Add(new ReadError(ErrorClass.SchemaInvalid, "/vat", "a credit has the VAT of what it takes back; leave it out"));
        }

        if (action.Reason is { } reason && !Identifiers.IsPlainText(reason, MostText))
        {
            faults.Add(new ReadError(ErrorClass.SemanticText, "/reason", $"has 1 to {MostText} visible characters"));
        }

        if (action.Vat is { } vat)
        {
            faults.AddRange(PartyJson.VatFaults(vat, "/vat"));
        }

        return new ReadResult<InvoiceAction>(faults.Count == 0 ? action : null, faults.ToImmutable(), []);
    }
}
