using System.Security.Cryptography;
using System.Text;
using GridServices.Contracts;
using GridServices.Operations.Bulk;
using GridServices.Operations.Service.Storage;

namespace GridServices.Operations.Service.Import;

/// <summary>A file that came in, by the API or a page: its head is read, its rows are counted, nothing is stored.</summary>
/// <param name="Kind">What its rows are.</param>
/// <param name="Name">As it was called.</param>
/// <param name="Text">All of it.</param>
/// <param name="IsDryRun">Every row is checked as if it were applied, and taken back.</param>
internal sealed record ImportFile(BulkKind Kind, string? Name, string Text, bool IsDryRun)
{
    /// <summary>What is wrong with its first line; none: its rows can be read.</summary>
    internal IReadOnlyList<BulkFault> Faults { get; } = BulkFile.Open(new StringReader(Text), Kind).Head is { IsReadable: false } head ? head.Faults : [];

    internal int Total { get; } = BulkFile.Open(new StringReader(Text), Kind).Rows().Count();

    /// <summary>As it is stored, before its first row is worked on.</summary>
    internal ImportItem Queued(AuditedTransaction transaction) => new()
    {
        Id = transaction.NewId(),
        Kind = EnumNames<BulkKind>.GetName(Kind),
        FileName = SafeText.Line(Name ?? $"{EnumNames<BulkKind>.GetName(Kind)}.csv"),
        Sha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Text))),
        DryRun = IsDryRun,
        State = "queued",
        Total = Total,
        CreatedBy = transaction.Actor.Name,
        CreatedAt = transaction.Now,
    };
}
