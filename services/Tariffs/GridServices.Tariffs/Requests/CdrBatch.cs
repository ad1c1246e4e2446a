using System.Collections.Immutable;
using System.Text.Json;
using GridServices.Contracts.Json;
using GridServices.Tariffs.Ocpi;
using GridServices.Tariffs.Readers;

namespace GridServices.Tariffs.Requests;

/// <summary>Many CDRs to be held against their own totals; what is wrong with one says nothing of the others.</summary>
public sealed record CdrBatch
{
    /// <summary>Most CDRs of one request.</summary>
    public const int Most = 1_000;

    /// <summary>In the order given.</summary>
    public required ImmutableArray<CheckedCdr> Cdrs { get; init; }

    /// <param name="json"><c>{"timeZone","tariff"|"tariffs"|"tariffId","cdrs":[…]}</c>.</param>
    /// <param name="known">Stored OCPI tariffs by id.</param>
    public static ReadResult<CdrBatch> Read(ReadOnlyMemory<byte> json, Func<string, ReadOnlyMemory<byte>?>? known = null) =>
        RequestDocument.Read(json, typeof(CdrBatchRequestBody), (root, problems) =>
    {
        var cdrs = root.Required("cdrs", "the charge detail records as OCPI has them").Items(1, Most);
        _ = SettlementRequestJson.ReadZone(root, problems);
        return problems.Any ? null : new CdrBatch { Cdrs = [.. cdrs.Select((cdr, i) => CheckCdr(root, cdr, i, known))] };
    });

    private static CheckedCdr CheckCdr(JsonMember root, JsonMember cdr, int index, Func<string, ReadOnlyMemory<byte>?>? known)
    {
        var read = CdrCostRequestJson.Read(Single(root, cdr), known);
        var id = cdr.Member("id") is { IsText: true } text ? text.Text() : null;
        if (!read.Ok)
        {
            return new CheckedCdr(index, id) { Refusals = [.. read.Refusals.Select(r => new Finding(r.Class, r.Path, r.Detail))], Warnings = read.Warnings };
        }

        var cost = read.Value!.Cost();
        return new CheckedCdr(index, id) { Cost = cost, Check = read.Value.Check(cost), IsCredit = read.Value.IsCredit, Warnings = read.Warnings };
    }

    /// <summary>The request for one of them, as if it had come alone.</summary>
    private static byte[] Single(JsonMember root, JsonMember cdr)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var member in root.Raw.EnumerateObject().Where(m => m.Name != "cdrs"))
            {
                member.WriteTo(writer);
            }

            writer.WritePropertyName("cdr");
            cdr.Raw.WriteTo(writer);
            writer.WriteEndObject();
        }

        return buffer.ToArray();
    }
}

/// <summary>One CDR of a batch.</summary>
/// <param name="Index">Its place in the request, from 0.</param>
/// <param name="Id">Its id, where it has one.</param>
public sealed record CheckedCdr(int Index, string? Id)
{
    /// <summary>Null where it could not be priced.</summary>
    public OcpiCostReport? Cost { get; init; }

    /// <summary>Null where it could not be priced, or states no totals.</summary>
    public CdrCheck? Check { get; init; }

    public bool IsCredit { get; init; }

    /// <summary>Why it could not be priced; pointers as if it had come alone.</summary>
    public ImmutableArray<Finding> Refusals { get; init; } = [];

    public ImmutableArray<Finding> Warnings { get; init; } = [];
}
