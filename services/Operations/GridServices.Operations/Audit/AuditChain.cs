using System.Security.Cryptography;
using System.Text;
using GridServices.Contracts;

namespace GridServices.Operations.Audit;

/// <summary>
/// The append-only chain of a tenant's writes: each entry carries the hash of the one before, so that none can be changed, removed or put in
/// without every later hash being wrong. Its bytes are the canonical JSON of sequence, write and previous hash.
/// </summary>
public static class AuditChain
{
    /// <summary>Where a tenant's chain begins; another tenant's begins elsewhere, so entries can't be moved across.</summary>
    public static AuditHead Start(string tenant) =>
        new(tenant, 0, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes("gridservices.audit.v1\n" + tenant))));

    /// <exception cref="ArgumentException">The write is another tenant's.</exception>
    public static AuditEntry Append(AuditHead head, AuditDraft write)
    {
        if (write.Tenant != head.Tenant)
        {
            throw new ArgumentException("the write belongs to another tenant than the chain", nameof(write));
        }

        var content = new HashedContent(head.Sequence + 1, write, head.Hash);
        return new AuditEntry { Sequence = content.Sequence, Write = write, PreviousHash = head.Hash, Hash = CanonicalJson.Sha256(content) };
    }

    public static AuditHead GetHead(AuditEntry entry) => new(entry.Write.Tenant, entry.Sequence, entry.Hash);

    /// <summary>The bytes that an entry's hash is over.</summary>
    public static byte[] CanonicalBytes(AuditEntry entry) => CanonicalJson.Bytes(new HashedContent(entry.Sequence, entry.Write, entry.PreviousHash));

    /// <summary>
    /// Reads a chain in order and stops at the first entry that is not as it was written.
    /// </summary>
    /// <param name="from">Where it begins: <see cref="Start"/>, or the kept head before the first entry that is still held.</param>
    /// <param name="entries">In the order of their sequence.</param>
    /// <param name="expected">The head kept beside the chain; without it a chain that was cut at its end can't be told.</param>
    public static AuditVerdict Verify(AuditHead from, IEnumerable<AuditEntry> entries, AuditHead? expected = null)
    {
        var head = from;
        foreach (var entry in entries)
        {
            if (FindFault(head, entry) is { } fault)
            {
                return new AuditVerdict(head, fault, head.Sequence + 1, entry.Sequence);
            }

            head = GetHead(entry);
        }

        return expected is null || expected == head ? new AuditVerdict(head) : new AuditVerdict(head, AuditFault.EndMissing, head.Sequence + 1);
    }

    private static AuditFault? FindFault(AuditHead head, AuditEntry entry) =>
        entry.Write.Tenant != head.Tenant ? AuditFault.OtherTenant
        : entry.Sequence != head.Sequence + 1 ? AuditFault.SequenceBroken
        : entry.PreviousHash != head.Hash ? AuditFault.PreviousHashDiffers
        : Convert.ToHexStringLower(SHA256.HashData(CanonicalBytes(entry))) != entry.Hash ? AuditFault.ContentChanged
        : null;

    private sealed record HashedContent(long Sequence, AuditDraft Write, string PreviousHash);
}

/// <summary>What is wrong with an entry.</summary>
public enum AuditFault
{
    /// <summary>Its content does not give its hash.</summary>
    ContentChanged,

    /// <summary>It does not follow the entry before it: that one, or all from there on, was written anew.</summary>
    PreviousHashDiffers,

    /// <summary>An entry was removed, put in or moved.</summary>
    SequenceBroken,

    OtherTenant,

    /// <summary>The chain ends before, or elsewhere than, the head that was kept.</summary>
    EndMissing,

    /// <summary>The chain begins after entries of which none says that they were removed after their retention.</summary>
    StartMissing,
}

/// <summary>How far a chain holds.</summary>
/// <param name="Sound">The last entry up to which all is as written.</param>
/// <param name="Fault">Null: the whole chain is sound.</param>
/// <param name="BrokenSequence">The sequence where the first broken entry is, or where a missing one should be.</param>
/// <param name="FoundSequence">The sequence that was found in its place; null where there was none.</param>
public sealed record AuditVerdict(AuditHead Sound, AuditFault? Fault = null, long? BrokenSequence = null, long? FoundSequence = null)
{
    public bool IsSound => Fault is null;
}
